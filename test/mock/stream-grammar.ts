/** The legal order of a stream's events, and the message that they add up to. Throws at the first illegal event. */
import type { Body } from './calls.ts';

export interface Named {
  readonly event: string;
  readonly data: string;
}

/**
 * message_start, then per block start, deltas of its own kind, stop, with indexes in order; message_delta; message_stop, and nothing
 * after it; ping anywhere after the start.
 *
 * @returns the message as a whole answer would hold it
 */
export function assemble(frames: readonly Named[]): Body {
  let message: Body | undefined;
  let open: Body | undefined;
  let json = '';
  let closed = false;
  let finished = false;
  const content: Body[] = [];
  const expectThat = (legal: unknown, what: string): void => {
    if (!legal) throw new Error(`illegal: ${what}`);
  };
  for (const { event, data: text } of frames) {
    const data = JSON.parse(text);
    expectThat(!text.includes('\n') && data.type === event, `${event} with data ${text}`);
    expectThat(!closed, `${event} after message_stop`);
    expectThat(message !== undefined || event === 'message_start', `${event} before message_start`);
    switch (event) {
      case 'ping':
        expectThat(text === '{"type": "ping"}', `ping ${text}`);
        break;
      case 'message_start':
        expectThat(message === undefined, 'second message_start');
        expectThat(
          data.message.content.length === 0 && data.message.stop_reason === null,
          'a start that holds something',
        );
        message = data.message;
        break;
      case 'content_block_start':
        expectThat(!open && !finished && data.index === content.length, `start of block ${data.index}`);
        open = data.content_block as Body;
        json = '';
        content.push(open);
        break;
      case 'content_block_delta':
        expectThat(open && data.index === content.length - 1, `delta for block ${data.index}`);
        json += add(open as Body, data.delta);
        break;
      case 'content_block_stop':
        expectThat(open && data.index === content.length - 1, `stop of block ${data.index}`);
        if (open?.type === 'tool_use') open.input = parseOrEmpty(json);
        open = undefined;
        break;
      case 'message_delta':
        expectThat(!open && !finished, 'message_delta within a block, or twice');
        finished = true;
        expectThat(data.delta.stop_reason !== null, 'no stop_reason');
        message = {
          ...message,
          ...data.delta,
          content,
          usage: { ...(message?.usage as Body), ...data.usage },
        };
        break;
      case 'message_stop':
        expectThat(finished, 'message_stop before message_delta');
        closed = true;
        break;
      default:
        expectThat(false, event);
    }
  }
  expectThat(closed, 'no message_stop');
  return message as Body;
}

const FIELD: Record<string, [block: string, field: string]> = {
  text_delta: ['text', 'text'],
  thinking_delta: ['thinking', 'thinking'],
  signature_delta: ['thinking', 'signature'],
};

/** Adds a delta to its block; gives back a fragment of JSON. */
function add(block: Body, delta: Body): string {
  if (delta.type === 'input_json_delta' && block.type === 'tool_use') return String(delta.partial_json);
  const [type, field] = FIELD[String(delta.type)] ?? [];
  if (type !== block.type || field === undefined) throw new Error(`illegal: ${delta.type} in ${block.type}`);
  if (block.signature) throw new Error('illegal: delta after the signature');
  block[field] = String(block[field]) + String(delta[field]);
  return '';
}

function parseOrEmpty(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Turns a message into the events of a stream, in the one legal order. */
import type { Block, Composed } from './compose.ts';
import type { StreamFrame } from './exchange.ts';
import type { Identity } from './identity.ts';
import type { Json } from './json-body.ts';
import { finalUsageJson, startJson } from './message-json.ts';

/** Tokens that one delta brings. */
const TOKENS_PER_DELTA = 3;

/**
 * The events of a message: message_start; per block start, deltas, stop, with a ping after the first start;
 * message_delta; message_stop.
 *
 * @param padding pad `data` with spaces before its last brace, as the real API does (but not for pings)
 */
export function* streamFrames(
  message: Composed,
  identity: Identity,
  padding: boolean,
): Generator<StreamFrame, void> {
  let number = 0;
  const frame = (data: Json & { type: string }, tokens = 0): StreamFrame => {
    const text = JSON.stringify(data);
    const spaces = padding ? ' '.repeat(identity.padding(number++)) : '';
    return { event: data.type, data: `${text.slice(0, -1)}${spaces}}`, tokens };
  };
  yield frame({ type: 'message_start', message: startJson(message) });
  for (const [index, block] of message.blocks.entries()) {
    yield frame({ type: 'content_block_start', index, content_block: emptyBlock(block) });
    if (index === 0) yield PING;
    for (const { delta, tokens } of deltasOf(block)) {
      yield frame({ type: 'content_block_delta', index, delta }, tokens);
    }
    yield frame({ type: 'content_block_stop', index });
  }
  if (message.blocks.length === 0) yield PING;
  yield frame({
    type: 'message_delta',
    delta: {
      stop_reason: message.stopReason,
      stop_sequence: message.stopSequence,
      stop_details: null,
      container: null,
    },
    usage: finalUsageJson(message),
  });
  yield frame({ type: 'message_stop' });
}

/** With the space, as on the real wire. */
const PING: StreamFrame = Object.freeze({ event: 'ping', data: '{"type": "ping"}', tokens: 0 });

function emptyBlock(block: Block): Json {
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'text':
      return { type: 'text', text: '' };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } };
  }
}

interface Delta {
  readonly delta: Json;
  readonly tokens: number;
}

function* deltasOf(block: Block): Generator<Delta, void> {
  if (block.type === 'thinking') {
    if (block.shown) yield* grouped(block.pieces, (thinking) => ({ type: 'thinking_delta', thinking }));
    // Thoughts that are not shown take their time all the same.
    const tokens = block.shown ? 0 : block.pieces.length;
    yield { delta: { type: 'signature_delta', signature: block.signature }, tokens };
  } else if (block.type === 'text') {
    yield* grouped(block.pieces, (text) => ({ type: 'text_delta', text }));
  } else {
    // The real API opens a tool's input with an empty fragment.
    yield { delta: { type: 'input_json_delta', partial_json: '' }, tokens: 0 };
    yield* grouped(block.pieces, (partial_json) => ({ type: 'input_json_delta', partial_json }));
  }
}

function* grouped(pieces: readonly string[], delta: (text: string) => Json): Generator<Delta, void> {
  for (let at = 0; at < pieces.length; at += TOKENS_PER_DELTA) {
    const group = pieces.slice(at, at + TOKENS_PER_DELTA);
    yield { delta: delta(group.join('')), tokens: group.length };
  }
}

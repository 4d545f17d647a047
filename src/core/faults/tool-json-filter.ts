/** The stream half of `tool-json.ts`. */
import { asObject, blockOf, indexOf, readData, typeOf, writtenIn } from '../anthropic/stream.ts';
import { editData, streamEvent } from '../anthropic/stream-edit.ts';
import type { StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { pass, passRest } from './point-filter.ts';

/** Input that is JSON and fits no tool. */
export const WRONG_INPUT = '{"unexpected_field":true}';

/** Reason when the answer has no such call. */
export const NO_TOOL = (tool: string | undefined): string =>
  tool === undefined ? 'the answer has no tool call' : `the answer has no call of tool ${tool}`;

export interface ToolJsonParams {
  readonly how: 'cut' | 'corrupt' | 'wrong-input' | 'unknown-tool';
  readonly tool?: string | undefined;
  readonly keep: number;
  readonly name: string;
}

export class ToolJsonFilter implements StreamFilter {
  readonly #params: ToolJsonParams;
  readonly #note: string;
  /** Index of the block at work; undefined before it opened. */
  #index: number | undefined;
  #closed = false;
  #applied = false;
  /** Characters of input seen so far. */
  #seen = 0;
  /** For `cut`: the last piece, held back until it is known not to be the input's last. Pings overtake it. */
  #held: SseEvent | undefined;

  constructor(params: ToolJsonParams, note: string) {
    this.#params = params;
    this.#note = note;
  }

  onEvent(event: SseEvent): readonly StreamOp[] {
    if (this.#closed) return pass(event);
    switch (typeOf(event)) {
      case 'ping':
        return pass(event);
      case 'content_block_start':
        return [...this.#release(), ...this.#onStart(event)];
      case 'content_block_delta':
        return this.#index === undefined ? pass(event) : this.#onDelta(event);
      case 'content_block_stop':
        return this.#index === undefined ? pass(event) : this.#onStop(event);
      default:
        return [...this.#release(), ...pass(event)];
    }
  }

  onEnd(rest: Uint8Array): readonly StreamOp[] {
    return [...this.#release(), ...passRest(rest)];
  }

  skipped(): string | undefined {
    if (this.#applied) return undefined;
    if (this.#index === undefined) return NO_TOOL(this.#params.tool);
    return this.#closed ? 'the tool call has no input' : 'the stream ended inside the tool call';
  }

  #onStart(event: SseEvent): readonly StreamOp[] {
    const data = readData(event);
    const block = blockOf(data);
    const { how, tool, name } = this.#params;
    if (this.#index !== undefined || block?.type !== 'tool_use') return pass(event);
    if (tool !== undefined && block.name !== tool) return pass(event);
    this.#index = indexOf(data);
    if (how !== 'unknown-tool') return pass(event);
    this.#closed = true;
    return this.#change(
      editData(event, (edited) => {
        const opened = asObject(edited.content_block);
        if (opened !== undefined) opened.name = name;
      }),
    );
  }

  #onDelta(event: SseEvent): readonly StreamOp[] {
    const data = readData(event);
    const text = writtenIn(data)?.text ?? '';
    if (indexOf(data) !== this.#index) return [...this.#release(), ...pass(event)];
    // Behind a piece that is held back, an empty one cannot wait too: the input is cut here.
    if (text === '') return [...this.#shortenHeld(), ...pass(event)];
    const before = this.#seen;
    this.#seen += text.length;
    switch (this.#params.how) {
      case 'cut':
        return this.#cut(event, text, this.#params.keep - before);
      case 'corrupt':
        if (this.#applied || !text.includes('"')) return pass(event);
        return this.#change(withPiece(event, text.replace('"', '')));
      default:
        return this.#applied ? [] : this.#change(withPiece(event, WRONG_INPUT));
    }
  }

  /** @param room how many characters may still go out */
  #cut(event: SseEvent, text: string, room: number): readonly StreamOp[] {
    if (this.#applied) return [];
    const held = this.#release();
    if (text.length <= room) {
      this.#held = event;
      return held;
    }
    return [...held, ...this.#change(room > 0 ? withPiece(event, text.slice(0, room)) : undefined)];
  }

  #onStop(event: SseEvent): readonly StreamOp[] {
    if (indexOf(readData(event)) !== this.#index) return pass(event);
    this.#closed = true;
    if (this.#applied) return pass(event);
    if (this.#held !== undefined) return [...this.#shortenHeld(), ...pass(event)];
    // No quotation mark to take out (`{}`), or no piece at all to put the wrong input into.
    const piece = this.#params.how === 'corrupt' ? '}' : WRONG_INPUT;
    if (this.#params.how === 'cut' || (this.#params.how === 'corrupt' && this.#seen === 0))
      return pass(event);
    const delta = { type: 'input_json_delta', partial_json: piece };
    const added = streamEvent({ type: 'content_block_delta', index: this.#index, delta });
    return [...this.#change(added), ...pass(event)];
  }

  #release(): readonly StreamOp[] {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? [] : pass(held);
  }

  /** Gives the piece that is held back without its last character. */
  #shortenHeld(): readonly StreamOp[] {
    const held = this.#held;
    if (held === undefined) return [];
    this.#held = undefined;
    const text = writtenIn(readData(held))?.text ?? '';
    return this.#change(text.length > 1 ? withPiece(held, text.slice(0, -1)) : undefined);
  }

  #change(event: SseEvent | undefined): readonly StreamOp[] {
    this.#applied = true;
    return [{ op: 'applied', note: this.#note }, ...(event === undefined ? [] : pass(event))];
  }
}

function withPiece(event: SseEvent, text: string): SseEvent {
  return editData(event, (data) => {
    const delta = asObject(data.delta);
    if (delta !== undefined) delta.partial_json = text;
  });
}

/**
 * The legal order of a Messages stream's events: message_start, then block by block start, deltas and stop, then
 * message_delta and message_stop; pings anywhere, an error instead of whatever would have followed.
 * Tests hold fixtures and faults against it.
 */
import type { SseEvent } from '../sse/event.ts';
import { hasData } from '../sse/frame.ts';
import { asObject, blockOf, indexOf, type JsonObject, readData } from './stream.ts';

/** Which deltas a block may have. A block of a type that is not here (redacted_thinking, results, …) has none. */
const DELTAS: ReadonlyMap<string, readonly string[]> = new Map([
  ['text', ['text_delta', 'citations_delta']],
  ['thinking', ['thinking_delta', 'signature_delta']],
  ['tool_use', ['input_json_delta']],
  ['server_tool_use', ['input_json_delta']],
  ['mcp_tool_use', ['input_json_delta']],
]);

type State = 'empty' | 'open' | 'closing' | 'complete' | 'failed';

/**
 * Checks one stream, event by event.
 *
 * @example
 * const order = new StreamOrder();
 * for (const event of events) { const wrong = order.accept(event); if (wrong) throw new Error(wrong); }
 * order.finish(); // undefined, or why the stream is not whole
 */
export class StreamOrder {
  #state: State = 'empty';
  #block: { readonly index: number; readonly kind: string } | undefined;
  #blocks = 0;

  /** Takes the next event; says what is wrong with it, undefined when it is legal. */
  accept(event: SseEvent): string | undefined {
    if (!hasData(event)) return undefined;
    const data = readData(event);
    if (data === undefined) return `${event.name ?? 'an event'}: data is no JSON object`;
    const type = data.type;
    if (event.name !== type) return `event name ${event.name} but type ${String(type)}`;
    if (this.#state === 'complete') return `${event.name} after message_stop`;
    if (this.#state === 'failed') return `${event.name} after error`;
    return this.#step(event.name ?? '', data);
  }

  /** Says what is missing now that the stream has ended; undefined when it is whole. */
  finish(): string | undefined {
    return this.#state === 'complete' ? undefined : `ended without message_stop (${this.#state})`;
  }

  #step(type: string, data: JsonObject): string | undefined {
    switch (type) {
      case 'ping':
        return undefined;
      case 'error':
        this.#state = 'failed';
        return undefined;
      case 'message_start':
        if (this.#state !== 'empty') return 'a second message_start';
        this.#state = 'open';
        return undefined;
      case 'message_delta':
        if (this.#block !== undefined) return `message_delta inside block ${this.#block.index}`;
        if (this.#state === 'empty') return 'message_delta before message_start';
        this.#state = 'closing';
        return undefined;
      case 'message_stop':
        if (this.#state !== 'closing') return 'message_stop without message_delta';
        this.#state = 'complete';
        return undefined;
      default:
        return this.#blockStep(type, data);
    }
  }

  #blockStep(type: string, data: JsonObject): string | undefined {
    const index = indexOf(data);
    if (!type.startsWith('content_block_')) return `unknown event ${type}`;
    if (this.#state !== 'open')
      return `${type} ${this.#state === 'empty' ? 'before message_start' : 'after message_delta'}`;
    if (type === 'content_block_start') {
      if (this.#block !== undefined) return `block ${index} opened inside block ${this.#block.index}`;
      if (index !== this.#blocks) return `block ${index} opened where ${this.#blocks} was due`;
      this.#block = { index, kind: String(blockOf(data)?.type) };
      this.#blocks++;
      return undefined;
    }
    if (this.#block?.index !== index) return `${type} for block ${index}, which is not open`;
    if (type === 'content_block_stop') {
      this.#block = undefined;
      return undefined;
    }
    const delta = String(asObject(data.delta)?.type);
    if (type !== 'content_block_delta') return `unknown event ${type}`;
    if (DELTAS.get(this.#block?.kind ?? '')?.includes(delta)) return undefined;
    return `${delta} in a block of type ${this.#block?.kind}`;
  }
}

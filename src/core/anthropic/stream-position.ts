/** Where in a Messages stream we are: what a stream fault's place is measured by. */
import type { SseEvent } from '../sse/event.ts';
import {
  asObject,
  blockOf,
  indexOf,
  isCounted,
  type JsonObject,
  readData,
  typeOf,
  writtenIn,
} from './stream.ts';

/** The API does not tell tokens before the end; English text and JSON have about so many characters per token. */
const CHARACTERS_PER_TOKEN = 4;

/** The tokens that so many characters of the answer make up, about: one for each four, rounded up. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** A content block that was opened and not closed. */
export interface OpenBlock {
  readonly index: number;
  /** `type` of the block, e.g. `tool_use`. */
  readonly kind: string;
  /** Deltas of it that had something written in them. */
  pieces: number;
}

/** Follows one stream. Feed it every event, in order. */
export class StreamPosition {
  readonly #content: boolean;
  /** Events so far; pings and frames without data do not count. */
  events = 0;
  /** Bytes of all frames, pings and comments included, before any content coding. */
  bytes = 0;
  /** Characters (UTF-16 units) of `text_delta`s. */
  text = 0;
  /** The block that is open now. */
  block: OpenBlock | undefined;
  /** Blocks that were closed. */
  blocks = 0;
  /** True once a delta had something written in it. */
  begun = false;
  /** True once message_start, and once message_stop, went by. */
  started = false;
  complete = false;
  /** True once the upstream itself sent an error event. */
  failed = false;
  #written = 0;
  #reported = 0;

  /** @param content whether to look into events; without it no data is parsed, and `text`, `tokens`, `block` and `begun` stay at nothing */
  constructor(content: boolean) {
    this.#content = content;
  }

  /**
   * Output tokens: what `usage.output_tokens` last said, or the estimate of {@link estimateTokens} over text, thinking
   * and tool input, whichever is more (the API reports the true number only near the end).
   */
  get tokens(): number {
    return Math.max(this.#reported, estimateTokens(this.#written));
  }

  /** True when a delta moves nothing but `events` and `bytes`: {@link advanceDeltas} may stand for it. */
  get countsDeltas(): boolean {
    return !this.#content;
  }

  /** As {@link advance} for so many deltas of so many bytes in all. */
  advanceDeltas(deltas: number, bytes: number): void {
    this.events += deltas;
    this.bytes += bytes;
  }

  advance(event: SseEvent): void {
    this.bytes += event.raw.length;
    if (!isCounted(event)) return;
    this.events++;
    const type = typeOf(event);
    if (this.#content) this.#read(type, event);
    if (type === 'message_start') this.started = true;
    else if (type === 'content_block_stop') this.blocks++;
    else if (type === 'message_stop') this.complete = true;
    else if (type === 'error') this.failed = true;
  }

  #read(type: string | undefined, event: SseEvent): void {
    switch (type) {
      case 'content_block_start':
        this.#open(readData(event));
        break;
      case 'content_block_delta':
        this.#write(readData(event));
        break;
      case 'content_block_stop':
        this.block = undefined;
        break;
      case 'message_start':
        this.#report(asObject(readData(event)?.message)?.usage);
        break;
      case 'message_delta':
        this.#report(readData(event)?.usage);
        break;
    }
  }

  #open(data: JsonObject | undefined): void {
    const index = indexOf(data);
    if (index === undefined) return;
    this.block = { index, kind: String(blockOf(data)?.type), pieces: 0 };
  }

  #write(data: JsonObject | undefined): void {
    const written = writtenIn(data);
    if (written === undefined || written.text === '') return;
    this.begun = true;
    this.#written += written.text.length;
    if (written.field === 'text') this.text += written.text.length;
    if (this.block !== undefined && this.block.index === indexOf(data)) this.block.pieces++;
  }

  #report(usage: unknown): void {
    const tokens = asObject(usage)?.output_tokens;
    if (typeof tokens === 'number') this.#reported = tokens;
  }
}

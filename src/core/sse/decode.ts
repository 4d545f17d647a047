/**
 * Cuts an SSE byte stream into frames, whatever the chunks. It is the first half of the path
 * decode → filters → encode of an answer for which a stream fault is planned.
 *
 * Line ends may be LF, CR or CRLF, also mixed. The concatenation of all `raw` and of `rest()` is the input, byte
 * for byte, and where frames end depends on the bytes alone, never on how they were chunked.
 */
import { asBuffer } from '../as-buffer.ts';
import { HeldBytes } from '../held-bytes.ts';
import { SseFrame } from './frame.ts';

const LF = 10;
const CR = 13;

/** No event of a Messages stream comes near it; beyond, the decoder gives up rather than hold more (16 MiB). */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** What a CR at a chunk's end left open. */
type Pending = 'none' | 'line' | 'blank' | 'swallow';

const NOTHING: readonly SseFrame[] = Object.freeze([]);

/** Takes what the decoder finds, in order. */
export interface FrameSink {
  frame(frame: SseFrame): void;
  /**
   * A frame begins at `at`, and there is no CR in the chunk: whoever has no need of single frames may pass over some.
   *
   * @returns index behind the last frame that was passed over; `at` for none
   */
  passOver?(chunk: Buffer, at: number): number;
}

/**
 * A push decoder for one stream.
 *
 * @example
 * const decoder = new SseDecoder();
 * for await (const chunk of body) for (const event of decoder.push(chunk)) handle(event);
 * forward(decoder.rest());
 */
export class SseDecoder {
  readonly #limit: number;
  readonly #held = new HeldBytes();
  /** Bytes of the current line that are held. */
  #line = 0;
  /**
   * Whether the last line end was CRLF. A blank line's CR then waits for its LF; otherwise it ends the frame at once, so
   * that a CR-only stream is not delayed by one event. An LF behind such a CR opens the next frame and is no blank line.
   */
  #crlf = true;
  #pending: Pending = 'none';
  #firstFrame = true;
  #overflowed = false;

  /** @param limit most bytes of one frame to hold */
  constructor(limit = MAX_FRAME_BYTES) {
    this.#limit = limit;
  }

  /**
   * True once a frame grew beyond the limit. Nothing is decoded from then on: take `rest()`, pass on whatever follows
   * as it comes, and report the stream as unreadable.
   */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** True behind the first frame whenever a frame may begin: nothing is held, and lines end in LF. */
  get between(): boolean {
    return (
      !this.#firstFrame &&
      !this.#crlf &&
      this.#pending === 'none' &&
      this.#held.length === 0 &&
      !this.#overflowed
    );
  }

  /** Takes the next bytes and gives the frames that they complete. Frames within one chunk are views of it. */
  push(bytes: Uint8Array): readonly SseFrame[] {
    if (bytes.length === 0) return NOTHING;
    const frames: SseFrame[] = [];
    this.feed(bytes, { frame: (frame) => frames.push(frame) });
    return frames;
  }

  /** The same, for a sink. */
  feed(bytes: Uint8Array, sink: FrameSink): void {
    const chunk = asBuffer(bytes);
    const size = chunk.length;
    if (size === 0) return;
    if (this.#overflowed) {
      this.#hold(chunk);
      return;
    }
    let cr = chunk.indexOf(CR);
    const lfOnly = cr === -1;
    let frameStart = 0;
    let at = 0;
    const passOver = (): void => {
      if (!lfOnly || this.#firstFrame || sink.passOver === undefined || at === size) return;
      at = sink.passOver(chunk, at);
      if (at > frameStart) this.#crlf = false;
      frameStart = at;
    };
    const cutFrame = (): void => {
      sink.frame(this.#frame(chunk.subarray(frameStart, at), lfOnly));
      frameStart = at;
      passOver();
    };

    if (this.#pending !== 'none') {
      const lf = chunk[0] === LF;
      if (lf) at = 1;
      if (this.#pending !== 'swallow') this.#crlf = lf;
      if (this.#pending === 'blank') cutFrame();
      this.#pending = 'none';
    }
    if (at === 0 && this.#held.length === 0) passOver();

    while (at < size) {
      if (cr !== -1 && cr < at) cr = chunk.indexOf(CR, at);
      const lf = chunk[at] === LF ? at : chunk.indexOf(LF, at);
      const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf;
      if (end === -1) {
        this.#line += size - at;
        break;
      }
      const length = this.#line + end - at;
      const blank = length === 0 || (length === 3 && this.#isMark(chunk, frameStart, end));
      this.#line = 0;
      at = end + 1;
      if (end === lf) {
        this.#crlf = false;
        if (blank) cutFrame();
      } else if (blank && !this.#crlf) {
        cutFrame();
        if (at === size) this.#pending = 'swallow';
        else if (chunk[at] === LF) at++;
      } else if (at === size) {
        this.#pending = blank ? 'blank' : 'line';
      } else {
        this.#crlf = chunk[at] === LF;
        if (this.#crlf) at++;
        if (blank) cutFrame();
      }
    }

    if (frameStart < size) this.#hold(frameStart === 0 ? chunk : chunk.subarray(frameStart));
  }

  /** Takes out the bytes of the unfinished frame; empty when the stream ends where a frame does. */
  rest(): Buffer {
    return this.#held.take();
  }

  #frame(tail: Buffer, lfOnly: boolean): SseFrame {
    if (this.#held.length === 0 && !this.#firstFrame) return new SseFrame(tail, 0, lfOnly);
    this.#held.add(tail);
    const raw = this.rest();
    const from = this.#firstFrame && startsWithMark(raw) ? 3 : 0;
    this.#firstFrame = false;
    return new SseFrame(raw, from);
  }

  #hold(bytes: Buffer): void {
    this.#held.add(bytes);
    if (this.#held.length > this.#limit) this.#overflowed = true;
  }

  /** Whether the line that ends at `end` is the stream's first and nothing but a byte order mark. */
  #isMark(chunk: Buffer, frameStart: number, end: number): boolean {
    if (!this.#firstFrame || this.#held.length + end - frameStart !== 3) return false;
    const held = this.#held.take();
    this.#held.add(held);
    return startsWithMark(Buffer.concat([held, chunk.subarray(frameStart, end)]));
  }
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

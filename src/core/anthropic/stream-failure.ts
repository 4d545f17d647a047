/**
 * Finds the error that an event stream tells after its HTTP 200 (`event: error`; D:errors), in passing: a few bytes are
 * compared and one search is made per piece, and nothing is decoded before such a line is found.
 */
import { SseDecoder } from '../sse/decode.ts';
import { hasData, type SseFrame } from '../sse/frame.ts';

const LINE = Buffer.from('event: error');
const BEHIND_LF = Buffer.from('\nevent: error');
/** An error's frame is some hundred bytes. */
const MAX_FRAME = 64 * 1024;
/** What a stream's error is called whose type cannot be read. */
const UNNAMED = 'error';

/**
 * The type of the error that an event tells, such as `overloaded_error`; undefined for any other event, and for one
 * without data, which no client sees. Only what looks like a type is taken over: its text could be anything.
 */
export function failureOf(frame: SseFrame): string | undefined {
  if (frame.name !== 'error' || !hasData(frame)) return undefined;
  return /"type"\s*:\s*"([a-z_]{1,40}_error)"/.exec(frame.data ?? '')?.[1] ?? UNNAMED;
}

/** Looks through one stream, whose lines end in LF or CRLF and whose frames begin with their `event:` line, as the API writes them. */
export class StreamFailureScan {
  /** How many bytes of {@link LINE} the line that runs on has; -1 once it reads differently. */
  #begun = 0;
  #frames: SseDecoder | undefined;
  #failure: string | undefined;

  /** Type of the first error told; undefined while there is none. */
  get failure(): string | undefined {
    return this.#failure;
  }

  push(bytes: Buffer): void {
    this.data(bytes, 0, bytes.length);
  }

  /** Takes `chunk[start, end)`. */
  data(chunk: Buffer, start: number, end: number): void {
    if (this.#failure !== undefined || start === end) return;
    if (this.#frames) {
      this.#read(this.#frames, chunk.subarray(start, end));
      return;
    }
    if (this.#begun >= 0) {
      let at = start;
      let begun = this.#begun;
      while (begun < LINE.length && at < end && chunk[at] === LINE[begun]) {
        begun++;
        at++;
      }
      if (begun === LINE.length) {
        this.#found(chunk, at, end);
        return;
      }
      if (at === end) {
        this.#begun = begun;
        return;
      }
    }
    const found = chunk.indexOf(BEHIND_LF, start);
    if (found !== -1 && found + BEHIND_LF.length <= end) this.#found(chunk, found + BEHIND_LF.length, end);
    else this.#begun = begunAtEnd(chunk, start, end);
  }

  /** Such a line was read up to `at`: from it on, the stream is decoded. */
  #found(chunk: Buffer, at: number, end: number): void {
    this.#frames = new SseDecoder(MAX_FRAME);
    this.#read(this.#frames, LINE);
    this.#read(this.#frames, chunk.subarray(at, end));
  }

  #read(frames: SseDecoder, bytes: Buffer): void {
    for (const frame of frames.push(bytes)) this.#failure ??= failureOf(frame);
    // A frame too large for an error: the stream is searched on from there.
    if (this.#failure === undefined && frames.overflowed) {
      this.#frames = undefined;
      this.#begun = -1;
    }
  }
}

/** How far the last line of `chunk[start, end)`, begun in it, agrees with {@link LINE}; -1: not. */
function begunAtEnd(chunk: Buffer, start: number, end: number): number {
  for (let length = 0; length < LINE.length; length++) {
    const lf = end - 1 - length;
    if (lf < start) return -1;
    if (chunk[lf] === 10) return LINE.compare(chunk, lf + 1, end, 0, length) === 0 ? length : -1;
  }
  return -1;
}

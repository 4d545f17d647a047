/**
 * Finds the error that an event stream tells after its HTTP 200 (`event: error`; D:errors), in passing: a few bytes are
 * compared per piece and one search is made per read, and nothing is decoded before such a line is found.
 */
import { SseDecoder } from '../sse/decode.ts';
import { hasData, type SseFrame } from '../sse/frame.ts';

const LINE = Buffer.from('event: error');
/** Index in {@link LINE} of the first byte that other events of the API have otherwise. */
const TELLS = 7;
const LF = 10;
/**
 * What is searched for first: the part of the line whose first byte is the rarest in a stream, since the search stops at
 * each of those. Of the names in the API's events few hold an `r`; each holds colons and a space.
 */
const SOUGHT_AT = LINE.indexOf('rror');
const SOUGHT = LINE.subarray(SOUGHT_AT);
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
  /** Index of the next LF in the present chunk with {@link LINE} behind it; -1: none. */
  #next = -1;
  #frames: SseDecoder | undefined;
  #failure: string | undefined;

  /** Type of the first error told; undefined while there is none. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Takes bytes of the stream. */
  push(bytes: Buffer): void {
    this.arrives(bytes, 0);
    this.data(bytes, 0, bytes.length);
  }

  /**
   * A chunk comes whose content {@link data} will be handed in parts. It is searched once as a whole, framing and all:
   * it may hold hundreds of parts.
   */
  arrives(chunk: Buffer, from: number): void {
    this.#next = lineBehindLf(chunk, from);
  }

  /** Takes `chunk[start, end)`, of the chunk that arrived last. */
  data(chunk: Buffer, start: number, end: number): void {
    if (this.#frames) {
      this.#read(this.#frames, chunk.subarray(start, end));
      return;
    }
    // Most parts are whole events of another name, with a line end last: a byte of each is all that is looked at.
    const other = this.#begun === 0 && start + TELLS < end && chunk[start + TELLS] !== LINE[TELLS];
    if (other && this.#next === -1 && chunk[end - 1] === LF) return;
    this.#search(chunk, start, end);
  }

  #search(chunk: Buffer, start: number, end: number): void {
    if (start === end) return;
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
    if (this.#next !== -1 && this.#next < start) this.#next = lineBehindLf(chunk, start);
    const after = this.#next + 1 + LINE.length;
    if (this.#next !== -1 && after <= end) this.#found(chunk, after, end);
    else this.#begun = begunAtEnd(chunk, start, end);
  }

  /** Such a line was read up to `at`: from it on, the stream is decoded. */
  #found(chunk: Buffer, at: number, end: number): void {
    this.#frames = new SseDecoder(MAX_FRAME);
    this.#read(this.#frames, LINE);
    this.#read(this.#frames, chunk.subarray(at, end));
  }

  #read(frames: SseDecoder, bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    for (const frame of frames.push(bytes)) this.#failure ??= failureOf(frame);
    // A frame too large for an error: the stream is searched on from there.
    if (this.#failure === undefined && frames.overflowed) {
      this.#frames = undefined;
      this.#begun = -1;
    }
  }
}

/** Index of the first LF at or after `from` with {@link LINE} behind it; -1: none. */
function lineBehindLf(chunk: Buffer, from: number): number {
  for (let at = chunk.indexOf(SOUGHT, from); at !== -1; at = chunk.indexOf(SOUGHT, at + 1)) {
    const start = at - SOUGHT_AT;
    if (start > from && chunk[start - 1] === LF && LINE.compare(chunk, start, at, 0, SOUGHT_AT) === 0)
      return start - 1;
  }
  return -1;
}

/** How far the last line of `chunk[start, end)`, begun in it, agrees with {@link LINE}; -1: not. */
function begunAtEnd(chunk: Buffer, start: number, end: number): number {
  for (let length = 0; length < LINE.length; length++) {
    const lf = end - 1 - length;
    if (lf < start) return -1;
    if (chunk[lf] === LF) return LINE.compare(chunk, lf + 1, end, 0, length) === 0 ? length : -1;
  }
  return -1;
}

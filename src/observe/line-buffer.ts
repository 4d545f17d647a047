/**
 * Text that is put together as bytes, for output that is too frequent for strings: no piece is joined, flattened
 * or encoded a second time. Room is made once for a line; each `put…` then only writes, and returns the index behind
 * what it wrote. Up to seven bytes behind that are written too, and written over by what comes next.
 */
import { phraseText } from '../core/phrase.ts';

/** What a number below 1000 is printed as, in the lower three bytes of a word: `7`, `42`, `999`. */
const PLAIN = wordsOf((value) => String(value));
/** The same with leading zeros: `007`, `042`, `999`. */
const PADDED = wordsOf((value) => String(value).padStart(3, '0'));

function wordsOf(print: (value: number) => string): Int32Array {
  const bytes = Buffer.alloc(4);
  return Int32Array.from({ length: 1000 }, (_, value) => {
    bytes.fill(0).write(print(value), 'latin1');
    return bytes.readInt32LE();
  });
}

const DOT = 0x2e;
const ZERO = 0x30;
/** `0.` as it lies in a word. */
const ZERO_DOT = 0x2e30;

/** Room for a number, however it is put. */
export const NUMBER_ROOM = 40;

/** Constant text, as {@link putPiece} takes it. */
export interface Piece {
  /** Bytes of the text. */
  readonly length: number;
  /** Bytes that {@link putPiece} writes. */
  readonly room: number;
  /** The bytes, eight at a time, little-endian, filled up with zeros. UTF-8 never makes a NaN, which would not be kept as it is. */
  readonly words: readonly number[];
}

/** @param text written in UTF-8 */
export function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc((bytes.length + 7) & ~7);
  bytes.copy(padded);
  const words: number[] = [];
  for (let at = 0; at < padded.length; at += 8) words.push(padded.readDoubleLE(at));
  return { length: bytes.length, room: padded.length, words };
}

export class LineBuffer {
  #bytes: Buffer;
  #view: DataView;
  /** Bytes that were written: set it to the index behind what was put. */
  length = 0;

  /** @param capacity bytes to begin with; it grows as needed */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = viewOf(this.#bytes);
  }

  /** What was written. Valid until something is written again. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  /**
   * Makes room behind what was written.
   *
   * @returns where to put it, from {@link LineBuffer.length} on; valid until room is made again
   */
  reserve(room: number): DataView {
    const needed = this.length + room;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * needed);
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
      this.#view = viewOf(larger);
    }
    return this.#view;
  }

  /** Writes text as it is, in UTF-8. */
  raw(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.#bytes.write(text, this.length);
  }
}

/** Puts constant text. */
export function putPiece(view: DataView, at: number, { words, length }: Piece): number {
  for (let i = 0; i < words.length; i++) view.setFloat64(at + 8 * i, words[i]!, true);
  return at + length;
}

/** Puts a number as JSON has it. */
export function putNumber(view: DataView, at: number, value: number): number {
  const whole = value | 0;
  return whole === value && whole >= 0 ? putWhole(view, at, whole) : putAscii(view, at, String(value));
}

/** Puts a number as {@link phraseText} has it. */
export function putShortNumber(view: DataView, at: number, value: number): number {
  const whole = value | 0;
  if (whole === value && whole >= 0) return putWhole(view, at, whole);
  const scaled = value * 10_000;
  const near = Math.round(scaled);
  // Next to a tie the product may lie on the other side of it.
  if (!(near > 0 && near < 10_000) || Math.abs(scaled - near) > 0.499_999)
    return putAscii(view, at, phraseText(value));
  view.setInt32(at, ZERO_DOT, true);
  const first = (near / 1000) | 0;
  view.setUint8(at + 2, ZERO + first);
  let rest = near - first * 1000;
  if (rest === 0) return at + 3;
  let end = putThreeDigits(view, at + 3, rest);
  for (; rest % 10 === 0; rest /= 10) end--;
  return end;
}

/** Puts the three digits of a number below 1000. */
export function putThreeDigits(view: DataView, at: number, value: number): number {
  view.setInt32(at, PADDED[value]!, true);
  return at + 3;
}

/** Puts milliseconds, to the microsecond: more digits are noise. */
export function putMilliseconds(view: DataView, at: number, ms: number): number {
  if (!(ms >= 0 && ms < 2_000_000)) return putAscii(view, at, String(Math.round(ms * 1000) / 1000));
  const micros = Math.round(ms * 1000) | 0;
  const whole = (micros / 1000) | 0;
  const rest = micros - whole * 1000;
  const end = putWhole(view, at, whole);
  if (rest === 0) return end;
  view.setUint8(end, DOT);
  return putThreeDigits(view, end + 1, rest);
}

/** @param value whole, not negative, below 2^31: printed three digits at a time */
function putWhole(view: DataView, at: number, value: number): number {
  if (value < 1000) {
    view.setInt32(at, PLAIN[value]!, true);
    return at + (value < 10 ? 1 : value < 100 ? 2 : 3);
  }
  const thousands = (value / 1000) | 0;
  return putThreeDigits(view, putWhole(view, at, thousands), value - 1000 * thousands);
}

function putAscii(view: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Text that is put together as bytes, for output that is too frequent for strings: no piece is joined, flattened
 * or encoded a second time. Room is made once for a line; each `put…` then only writes, and returns the index behind
 * what it wrote. Up to sixteen bytes behind that are written too, and written over by what comes next.
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

/** Constant text. Up to some sixty bytes {@link putPiece} is cheaper, for more {@link LineBuffer.copy}. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes of the text. */
  readonly length: number;
  /** Bytes that {@link putPiece} writes. */
  readonly room: number;
  /** The bytes, eight at a time, little-endian, filled up with zeros: UTF-8 never makes a NaN, which would not be kept as it is. */
  readonly first: number;
  readonly second: number;
  readonly others: readonly number[];
}

/** @param text written in UTF-8 */
export function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(Math.max(16, (bytes.length + 7) & ~7));
  bytes.copy(padded);
  const others: number[] = [];
  for (let at = 16; at < padded.length; at += 8) others.push(padded.readDoubleLE(at));
  const first = padded.readDoubleLE(0);
  const second = padded.readDoubleLE(8);
  return { bytes, length: bytes.length, room: padded.length, first, second, others };
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
   * Makes room.
   *
   * @param at index behind all that was put: {@link LineBuffer.length}, but in the middle of a line
   * @param room bytes from there on
   * @returns where to put it; valid until room is made again
   */
  reserve(at: number, room: number): DataView {
    if (at + room > this.#bytes.length) this.#grow(at, at + room);
    return this.#view;
  }

  #grow(kept: number, needed: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.#bytes.copy(larger, 0, 0, kept);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }

  /** Puts constant text, where room was made. */
  copy(at: number, { bytes, length }: Pick<Piece, 'bytes' | 'length'>): number {
    this.#bytes.set(bytes, at);
    return at + length;
  }

  /** Takes out the first bytes: what follows moves up. */
  dropFirst(count: number): void {
    this.#bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Writes text as it is, in UTF-8. */
  raw(text: string): void {
    this.reserve(this.length, text.length * 3);
    this.length += this.#bytes.write(text, this.length);
  }
}

/** Puts constant text. */
export function putPiece(view: DataView, at: number, { length, first, second, others }: Piece): number {
  view.setFloat64(at, first, true);
  view.setFloat64(at + 8, second, true);
  for (let i = 0; i < others.length; i++) view.setFloat64(at + 16 + 8 * i, others[i]!, true);
  return at + length;
}

/** Puts a number as JSON has it. */
export function putNumber(view: DataView, at: number, value: number): number {
  const whole = value | 0;
  if (whole !== value || whole < 0) return putAscii(view, at, String(value));
  const slot = whole % SLOTS;
  if (lastValues[slot] !== whole) {
    if (whole >= 100_000_000) return putWhole(view, at, whole);
    lastValues[slot] = whole;
    lastLengths[slot] = putWhole(LAST, 0, whole);
    lastDigits[slot] = LAST.getFloat64(0, true);
  }
  view.setFloat64(at, lastDigits[slot]!, true);
  return at + lastLengths[slot]!;
}

/** Puts a number as {@link phraseText} has it. */
export function putShortNumber(view: DataView, at: number, value: number): number {
  if ((value | 0) === value) return putNumber(view, at, value);
  const digits = shareDigits(value);
  if (digits === 0) return putAscii(view, at, phraseText(value));
  view.setInt32(at, ZERO_DOT, true);
  return putShareDigits(view, at + 2, digits);
}

/**
 * The four digits behind the point that {@link phraseText} gives to a number between 0 and 1, as a number, the zeros at
 * their end included.
 *
 * @returns 0 where it gives none, or where that cannot be told without it
 */
function shareDigits(value: number): number {
  if (!(value > 0 && value < 1)) return 0;
  const scaled = value * 10_000;
  const near = Math.round(scaled) | 0;
  // Next to a tie the product may lie on the other side of it.
  return near === 10_000 || Math.abs(scaled - near) > 0.499_999 ? 0 : near;
}

/**
 * Puts all four of {@link shareDigits}.
 *
 * @returns index behind the last that is no zero, where the number ends
 */
function putShareDigits(view: DataView, at: number, digits: number): number {
  const thousands = (digits / 1000) | 0;
  view.setInt32(at, (threeDigits(digits - 1000 * thousands) << 8) | (ZERO + thousands), true);
  let end = at + 4;
  for (let rest = digits; rest % 10 === 0; rest = (rest / 10) | 0) end--;
  return end;
}

/** The digits of a number below 1000, as they lie in the lower three bytes of a word. */
function threeDigits(value: number): number {
  return PADDED[value]!;
}

/** Puts the three digits of a number below 1000. */
export function putThreeDigits(view: DataView, at: number, value: number): number {
  view.setInt32(at, threeDigits(value), true);
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

/** Numbers of up to eight digits that were put last, in a slot by their value: those of one call are put several times. */
const SLOTS = 64;
const lastValues = new Int32Array(SLOTS).fill(-1);
const lastLengths = new Int32Array(SLOTS);
const lastDigits = new Float64Array(SLOTS);
const LAST = viewOf(Buffer.alloc(16));

function putAscii(view: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

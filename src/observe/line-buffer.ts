/**
 * Text that is put together as bytes, for output that is too frequent for strings: no piece is joined, flattened
 * or encoded a second time.
 */

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

const SPACE = 0x20;
const QUOTE = 0x22;
/** Four of a byte, as they lie in a word. */
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const DOT = 0x2e;

/** Constant text, as {@link LineBuffer.piece} takes it. */
export interface Piece {
  readonly bytes: Buffer;
  /** Its bytes eight at a time, little-endian, filled up with zeros. UTF-8 never makes a NaN, which would not be kept as it is. */
  readonly words: Float64Array;
}

/** From so many words on the runtime copies a piece: its call costs as much as a loop over them. */
const CALL_WORDS = 8;

/** @param text written in UTF-8 */
export function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const words = new Float64Array((bytes.length + 7) >> 3);
  const padded = Buffer.alloc(8 * words.length);
  bytes.copy(padded);
  for (let i = 0; i < words.length; i++) words[i] = padded.readDoubleLE(8 * i);
  return { bytes, words };
}

export class LineBuffer {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** @param capacity bytes to begin with; it grows as needed */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = viewOf(this.#bytes);
  }

  /** Bytes that were written. */
  get length(): number {
    return this.#length;
  }

  /** What was written. Valid until something is written again. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  /** Writes constant text. */
  piece({ bytes, words }: Piece): void {
    const at = this.#length;
    const count = words.length;
    const room = this.#room(8 * count);
    if (count >= CALL_WORDS) room.set(bytes, at);
    else {
      const view = this.#view;
      // What lies behind its end is written over by the next piece.
      for (let i = 0; i < count; i++) view.setFloat64(at + 8 * i, words[i]!, true);
    }
    this.#length = at + bytes.length;
  }

  /** Writes text as it is, in UTF-8. */
  raw(text: string): void {
    const bytes = this.#room(text.length * 3);
    this.#length += bytes.write(text, this.#length);
  }

  /** Writes a JSON string literal. */
  text(value: string): void {
    const { length } = value;
    const bytes = this.#room(3 * length + 8);
    const start = this.#length + 1;
    const end = start + length;
    const written = bytes.write(value, start);
    bytes[end] = bytes[end + 1] = bytes[end + 2] = SPACE;
    if (written !== length || this.#mustEscape(start, end)) {
      this.raw(JSON.stringify(value));
      return;
    }
    bytes[start - 1] = QUOTE;
    bytes[end] = QUOTE;
    this.#length = end + 1;
  }

  /** Writes a number as JSON has it. */
  number(value: number): void {
    const whole = value | 0;
    if (whole !== value || whole < 0) this.raw(String(value));
    else this.#whole(whole);
  }

  /** Writes the three digits of a number below 1000. */
  threeDigits(value: number): void {
    this.#room(4);
    const at = this.#length;
    this.#view.setInt32(at, PADDED[value]!, true);
    this.#length = at + 3;
  }

  /** Writes milliseconds, to the microsecond: more digits are noise. */
  milliseconds(ms: number): void {
    if (!(ms >= 0 && ms < 2_000_000)) {
      this.raw(String(Math.round(ms * 1000) / 1000));
      return;
    }
    const micros = Math.round(ms * 1000) | 0;
    const whole = (micros / 1000) | 0;
    const rest = micros - whole * 1000;
    this.#whole(whole);
    if (rest === 0) return;
    this.#room(1)[this.#length++] = DOT;
    this.threeDigits(rest);
  }

  /** Looks for control characters, quotes and backslashes in ASCII, four bytes at a time; up to three behind `end` are seen too. */
  #mustEscape(start: number, end: number): boolean {
    const view = this.#view;
    for (let at = start; at < end; at += 4) {
      const four = view.getInt32(at, true);
      const quotes = four ^ QUOTES;
      const backslashes = four ^ BACKSLASHES;
      const found = (four - SPACES) | (quotes - ONES) | (backslashes - ONES);
      if ((found & HIGH_BITS) !== 0) return true;
    }
    return false;
  }

  #whole(value: number): void {
    this.#room(16);
    this.#length = print(this.#view, this.#length, value);
  }

  #room(length: number): Buffer {
    const needed = this.#length + length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * needed);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
      this.#view = viewOf(larger);
    }
    return this.#bytes;
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Prints a number, three digits at a time.
 *
 * @param value whole, not negative, below 2^31
 * @returns index behind it
 */
function print(view: DataView, at: number, value: number): number {
  if (value < 1000) {
    view.setInt32(at, PLAIN[value]!, true);
    return at + (value < 10 ? 1 : value < 100 ? 2 : 3);
  }
  const thousands = (value / 1000) | 0;
  const next = print(view, at, thousands);
  view.setInt32(next, PADDED[value - 1000 * thousands]!, true);
  return next + 3;
}

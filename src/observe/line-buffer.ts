/**
 * Text that is put together as bytes, for output that is too frequent for strings: no piece is joined, flattened
 * or encoded a second time.
 */

/** `000`, `001` … `999`, one behind the other. */
const THREE_DIGITS = Buffer.from(
  Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0')).join(''),
  'latin1',
);
const SPACE = 0x20;
const QUOTE = 0x22;
/** Four of a byte, as they lie in a word. */
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const DOT = 0x2e;
const ZERO = 0x30;

/** Constant text, as {@link LineBuffer.piece} takes it. */
export interface Piece {
  readonly bytes: Buffer;
  /** Its bytes four at a time, little-endian, filled up with zeros. */
  readonly words: Int32Array;
}

/** From so many words on the runtime copies a piece: its call costs as much as a loop over them. */
const CALL_WORDS = 6;

/** @param text written in UTF-8 */
export function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const words = new Int32Array((bytes.length + 3) >> 2);
  const padded = Buffer.alloc(4 * words.length);
  bytes.copy(padded);
  for (let i = 0; i < words.length; i++) words[i] = padded.readInt32LE(4 * i);
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
    const room = this.#room(4 * count);
    if (count >= CALL_WORDS) room.set(bytes, at);
    else {
      const view = this.#view;
      // What lies behind its end is written over by the next piece.
      for (let i = 0; i < count; i++) view.setInt32(at + 4 * i, words[i]!, true);
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
    const bytes = this.#room(3);
    const at = this.#length;
    bytes[at] = THREE_DIGITS[3 * value]!;
    bytes[at + 1] = THREE_DIGITS[3 * value + 1]!;
    bytes[at + 2] = THREE_DIGITS[3 * value + 2]!;
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
    const bytes = this.#room(10);
    const end = this.#length + digitsOf(value);
    let at = end;
    let left = value;
    do {
      const tens = (left / 10) | 0;
      bytes[--at] = ZERO + left - tens * 10;
      left = tens;
    } while (left > 0);
    this.#length = end;
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

/** @param value whole, not negative, below 2^31 */
function digitsOf(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    if (value < 1000) return 3;
    return value < 10_000 ? 4 : 5;
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7;
  if (value < 100_000_000) return 8;
  return value < 1_000_000_000 ? 9 : 10;
}

/** Request ids as the Claude API makes them: `req_011C` and 20 characters of 0-9A-Za-z, 28 in all. */

/** Characters of every request id. */
export const REQUEST_ID_LENGTH = 28;

const codes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const PREFIX = codes('req_011C');
const BASE_62 = codes('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

/**
 * Writes an id's 28 bytes into an answer; no text is made on the way.
 *
 * @param words four random 32-bit words, each five characters' worth: its lowest digits to the base 62, lowest first
 */
export function writeRequestId(words: ArrayLike<number>, out: Uint8Array, at: number): void {
  for (let i = 0; i < PREFIX.length; i++) out[at + i] = PREFIX[i]!;
  for (let word = 0; word < 4; word++) {
    const value = words[word]! | 0;
    const to = at + PREFIX.length + 5 * word;
    // Half of it fits 31 bits, where division is cheap.
    const second = ((value >>> 1) / 31) | 0;
    const third = (second / 62) | 0;
    const fourth = (third / 62) | 0;
    const fifth = (fourth / 62) | 0;
    out[to] = BASE_62[(value - Math.imul(second, 62)) | 0]!;
    out[to + 1] = BASE_62[second - 62 * third]!;
    out[to + 2] = BASE_62[third - 62 * fourth]!;
    out[to + 3] = BASE_62[fourth - 62 * fifth]!;
    out[to + 4] = BASE_62[fifth % 62]!;
  }
}

/** An id as text; see {@link writeRequestId}. */
export function requestId(words: ArrayLike<number>): string {
  const bytes = new Uint8Array(REQUEST_ID_LENGTH);
  writeRequestId(words, bytes, 0);
  return String.fromCharCode(...bytes);
}

/** Request ids as the Claude API makes them: `req_011C` and 20 characters of 0-9A-Za-z, 28 in all. */

/** Characters of every request id. */
export const REQUEST_ID_LENGTH = 28;

const codes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const PREFIX = codes('req_011C');
const BASE_62 = codes('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

/**
 * Writes an id's 28 bytes into an answer; no text is made on the way.
 *
 * @param words four random 32-bit words, each five characters' worth
 */
export function writeRequestId(words: ArrayLike<number>, out: Uint8Array, at: number): void {
  for (let i = 0; i < PREFIX.length; i++) out[at + i] = PREFIX[i]!;
  let to = at + PREFIX.length;
  for (let word = 0; word < 4; word++) {
    const value = (words[word] ?? 0) >>> 0;
    // From here on it fits 31 bits, where division is cheap.
    let rest = Math.floor(value / 62);
    out[to] = BASE_62[value - rest * 62]!;
    for (let i = 1; i < 5; i++) {
      const next = (rest / 62) | 0;
      out[to + i] = BASE_62[rest - next * 62]!;
      rest = next;
    }
    to += 5;
  }
}

/** Written and read within one call, so sharing it is no state. */
const scratch = new Uint8Array(REQUEST_ID_LENGTH);

/** An id as text; see {@link writeRequestId}. */
export function requestId(words: ArrayLike<number>): string {
  writeRequestId(words, scratch, 0);
  return String.fromCharCode(...scratch);
}

/** Request ids as the Claude API makes them: `req_011C` and 20 characters of 0-9A-Za-z, 28 in all. */

/** Characters of every request id. */
export const REQUEST_ID_LENGTH = 28;

const codes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const PREFIX = codes('req_011C');
const BASE_62 = codes('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

/** Every two digits to the base 62, the lower one first, as they lie in memory. */
const PAIRS = Uint16Array.from(
  { length: 62 * 62 },
  (_, pair) => BASE_62[pair % 62]! | (BASE_62[Math.floor(pair / 62)]! << 8),
);

/** An id being put together. Written and read within one call, so sharing it is no state. */
const scratch = new Uint8Array(REQUEST_ID_LENGTH);
scratch.set(PREFIX);
const view = new DataView(scratch.buffer);

/**
 * Writes an id's 28 bytes into an answer; no text is made on the way.
 *
 * @param words four random 32-bit words, each five characters' worth: its lowest digits to the base 62, lowest first
 */
export function writeRequestId(words: Uint32Array, out: Uint8Array, at: number): void {
  compose(words);
  out.set(scratch, at);
}

/** An id as text; see {@link writeRequestId}. */
export function requestId(words: ArrayLike<number>): string {
  compose(Uint32Array.from(words));
  return String.fromCharCode(...scratch);
}

function compose(words: Uint32Array): void {
  let to = PREFIX.length;
  for (let word = 0; word < 4; word++) {
    const value = words[word]! | 0;
    // A quarter of it fits 31 bits, where division is cheap.
    const rest = ((value >>> 2) / 961) | 0;
    const last = (rest / 3844) | 0;
    view.setUint16(to, PAIRS[(value - Math.imul(rest, 3844)) | 0]!, true);
    view.setUint16(to + 2, PAIRS[(rest - Math.imul(last, 3844)) | 0]!, true);
    view.setUint8(to + 4, BASE_62[last % 62]!);
    to += 5;
  }
}

/**
 * Philox4x32-10, the counter-based generator of Random123 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011): a keyed bijection from a 128-bit counter to 128 random bits. It has no state, so
 * the number of a draw alone says what is drawn, whatever else was drawn before or is drawn at the same time.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Upper 32 bits of the product of two unsigned 32-bit numbers, the first as its halves. No sum on the way exceeds 32 bits. */
function multiplyHigh(high: number, low: number, b: number): number {
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = (Math.imul(high, bLow) + (Math.imul(low, bLow) >>> 16)) | 0;
  const second = (Math.imul(low, bHigh) + (first & 0xffff)) | 0;
  return (Math.imul(high, bHigh) + (first >>> 16) + (second >>> 16)) | 0;
}

/**
 * One block of four 32-bit words.
 *
 * @param out receives the four words; its length is at least 4
 *
 * Known answers (Random123's `kat_vectors`), all hexadecimal:
 * ```text
 * counter 00000000 00000000 00000000 00000000  key 00000000 00000000  -> 6627e8d5 e169c58d bc57ac4c 9b00dbd8
 * counter ffffffff ffffffff ffffffff ffffffff  key ffffffff ffffffff  -> 408f276d 41c83b0e a20bc7c6 6d5451fd
 * counter 243f6a88 85a308d3 13198a2e 03707344  key a4093822 299f31d0  -> d16cfe09 94fdcceb 5001e420 24126ea1
 * ```
 */
export function philox4x32(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let c0 = counter0 | 0;
  let c1 = counter1 | 0;
  let c2 = counter2 | 0;
  let c3 = counter3 | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0 >>> 16, MULTIPLIER_0 & 0xffff, c0);
    const high1 = multiplyHigh(MULTIPLIER_1 >>> 16, MULTIPLIER_1 & 0xffff, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

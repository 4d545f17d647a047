/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain): spreads a text over 32 bits. It protects nothing; it keys
 * the generator (`random.ts`) and tells bodies apart (`rules/attempt-memory.ts`).
 */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function mixBlock(block: number): number {
  const k = Math.imul(block, C1);
  return Math.imul((k << 15) | (k >>> 17), C2);
}

/**
 * @returns an unsigned 32-bit number
 *
 * Known answers: `""`, seed 0 -> 0; `""`, seed 1 -> 514e28b7; `test`, seed 0 -> ba6bd213;
 * `Hello, world!`, seed 9747b28c -> 24884cba.
 */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const length = bytes.length;
  const blocks = length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < blocks; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash ^= mixBlock(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= blocks; i--) tail = (tail << 8) | bytes[i]!;
  if (blocks < length) hash ^= mixBlock(tail);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

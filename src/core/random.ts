/**
 * Chance without state: what the n-th match of a rule draws is a function of seed, rule name and n. So the same
 * seed gives the same draws under any concurrency, and no rule can change another's. The algorithm is a published
 * contract (`random.test.ts` holds its vectors): a seed in a report must mean the same for years.
 */
import { requestId, writeRequestId } from './anthropic/request-id.ts';
import { murmur3 } from './murmur3.ts';
import { philox4x32 } from './philox.ts';

/** What a number is drawn for. Draws for different purposes are independent of each other. */
export const PURPOSE = {
  /** Lanes 0, 1, …: the triggers of a rule, in the order in which they are written. */
  trigger: 0,
  /** Which of a rule's `outcomes` happens. */
  outcome: 1,
  /** The request id of an injected answer. */
  requestId: 2,
  /** Plus the fault's position in its rule: whatever that fault draws. */
  fault: 16,
} as const;

/** The draws of one rule. */
export interface Random {
  /**
   * A number 0 ≤ x < 1 with 53 random bits.
   *
   * @param nth number of the match, from 1 (any integer below 2^53)
   * @param lane lanes are independent; 0 by default
   * @param purpose one of {@link PURPOSE}; the trigger's by default
   */
  draw(nth: number, lane?: number, purpose?: number): number;
  /** A request id for the n-th match. */
  requestId(nth: number): string;
  /** The same, written into `out` from `at` on. */
  writeRequestId(nth: number, out: Uint8Array, at: number): void;
}

const SECOND_HASH_SEED = 0x9e3779b9;
const TWO_32 = 0x1_0000_0000;

/** Written and read within one call, so sharing it is no state. */
const block = new Uint32Array(4);

/**
 * The draws of the rule `name` under `seed`.
 *
 * - key = murmur3_x86_32(bytes, 0), murmur3_x86_32(bytes, 9e3779b9), where bytes = utf8(seed) 00 utf8(name)
 * - block = Philox4x32-10 of counter (low word of nth, high word of nth, lane, purpose) under that key
 * - number = ((word0 >>> 5) · 2^26 + (word1 >>> 6)) / 2^53
 *
 * Vectors: seed `42`, rule `default`, lane 0, nth 1 to 4 draw
 * 0.5795503306837346, 0.48982947567083945, 0.6356051862421106, 0.8286624450290028.
 *
 * @param seed any text; an integer and its text are the same seed
 */
export function createRandom(seed: string | number | bigint, name: string): Random {
  const bytes = new TextEncoder().encode(`${seed}\0${name}`);
  const key0 = murmur3(bytes, 0);
  const key1 = murmur3(bytes, SECOND_HASH_SEED);
  const fill = (nth: number, lane: number, purpose: number): void =>
    philox4x32(nth, Math.floor(nth / TWO_32), lane, purpose, key0, key1, block);
  // Who tells why a call failed asks for the draw that decided it once more.
  const last = { nth: -1, lane: 0, purpose: 0, draw: 0 };
  return {
    draw(nth, lane = 0, purpose = PURPOSE.trigger) {
      if (nth === last.nth && lane === last.lane && purpose === last.purpose) return last.draw;
      fill(nth, lane, purpose);
      last.nth = nth;
      last.lane = lane;
      last.purpose = purpose;
      last.draw = ((block[0]! >>> 5) * 0x400_0000 + (block[1]! >>> 6)) / 0x20_0000_0000_0000;
      return last.draw;
    },
    requestId(nth) {
      fill(nth, 0, PURPOSE.requestId);
      return requestId(block);
    },
    writeRequestId(nth, out, at) {
      fill(nth, 0, PURPOSE.requestId);
      writeRequestId(block, out, at);
    },
  };
}

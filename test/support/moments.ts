/** Moments of made-up matches, for tests of triggers. */
import { createRandom } from '../../src/core/random.ts';
import type { Moment } from '../../src/core/triggers/trigger.ts';

/** `n` matches, one a second, of conversations that change every fourth match. */
export function moments(seed: string, n = 300): readonly Moment[] {
  const random = createRandom(seed, 'rule');
  return Array.from({ length: n }, (_, i) => ({
    nth: i + 1,
    index: i + 1,
    ordinal: i + 1,
    now: i * 1000,
    firstMatch: 0,
    firstCall: 0,
    conversation: `conversation ${Math.floor(i / 4)}`,
    draw: random.draw,
  }));
}

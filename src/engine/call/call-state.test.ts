import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallState, step } from './call-state.ts';

const FOLLOWERS: Record<CallState, readonly CallState[]> = {
  reading: ['deciding', 'ending'],
  deciding: ['answering', 'ending'],
  answering: ['answered', 'ending'],
  answered: ['told', 'ending'],
  ending: ['told'],
  told: ['over'],
  over: [],
};
const STATES = Object.keys(FOLLOWERS) as CallState[];
const anySteps = fc.array(fc.constantFrom(...STATES), { maxLength: 40 });

/** The states that a call is in, one after the other, when these are attempted. */
function walk(attempts: readonly CallState[]): CallState[] {
  const seen: CallState[] = ['reading'];
  for (const to of attempts) {
    const from = seen.at(-1) as CallState;
    const now = step(from, to);
    if (now !== from) seen.push(now);
  }
  return seen;
}

describe('the state of a call', () => {
  it('goes through all of a good call in order', () => {
    const whole: CallState[] = ['reading', 'deciding', 'answering', 'answered', 'told', 'over'];
    expect(walk(whole.slice(1))).toEqual(whole);
  });

  it('moves where that may follow, and nowhere else', () => {
    for (const from of STATES)
      for (const to of STATES)
        expect([from, to, step(from, to)]).toEqual([from, to, FOLLOWERS[from].includes(to) ? to : from]);
  });

  it('is entered once each, whatever is attempted', () => {
    fc.assert(
      fc.property(anySteps, (attempts) => {
        const seen = walk(attempts);
        expect(new Set(seen).size).toBe(seen.length);
      }),
    );
  });

  it('is over only behind its told end', () => {
    fc.assert(
      fc.property(anySteps, (attempts) => {
        const seen = walk(attempts);
        if (seen.includes('over')) expect(seen.at(-2)).toBe('told');
      }),
    );
  });

  it('can always get to its end', () => {
    fc.assert(
      fc.property(anySteps, (attempts) => {
        expect(walk([...attempts, 'ending', 'told', 'over']).at(-1)).toBe('over');
      }),
    );
  });
});

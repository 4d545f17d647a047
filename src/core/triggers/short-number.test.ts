/** The table of printed shares says what `toFixed` says, ties and their neighbours included. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortNumber } from './trigger.ts';

const asPrinted = (x: number) => String(Number(x.toFixed(4)));

describe('shortNumber', () => {
  it('has four digits, rounded as toFixed rounds', () => {
    const nearTie = fc
      .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: -4, max: 4 }))
      .map(([n, ulps]) => (n + 0.5) / 10_000 + ulps * 2 ** -54);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const any = fc.double({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.oneof(nearTie, share, any), (x) => {
        expect(shortNumber(x)).toBe(asPrinted(x));
      }),
      { numRuns: 5000 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from './decimal.ts';

describe('decimal', () => {
  it('prints what String prints', () => {
    const number = fc.oneof(fc.nat(2000), fc.nat(), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(number), (values) => values.every((value) => decimal(value) === String(value))),
    );
  });

  it('goes on where thousands end', () => {
    expect([998, 999, 1000, 1001, 1999, 2000, 1000, 0].map(decimal)).toEqual([
      '998',
      '999',
      '1000',
      '1001',
      '1999',
      '2000',
      '1000',
      '0',
    ]);
  });
});

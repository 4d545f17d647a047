import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, phraseText, Words } from './phrase.ts';

describe('phraseText', () => {
  it('puts parts one after another, however deep they lie', () => {
    expect(phraseText(['a ', ['b ', 7, [new Words(': '), []]], 0.5])).toBe('a b 7: 0.5');
    expect([phraseText('a'), phraseText(new Words('b'))]).toEqual(['a', 'b']);
  });

  it('prints numbers with four digits after the point at most', () => {
    expect([0.123456, 0.5, 1, 0, 12_345, 0.00001].map(phraseText)).toEqual([
      '0.1235',
      '0.5',
      '1',
      '0',
      '12345',
      '0',
    ]);
    fc.assert(fc.property(fc.maxSafeNat(), (value) => phraseText(value) === String(value)));
  });
});

it('joined puts words between parts', () => {
  const phrases = [[], ['a'], ['a', 'b', 1]];
  expect(phrases.map((parts) => phraseText(joined(parts)))).toEqual(['', 'a', 'a; b; 1']);
  expect(phraseText(joined(['a', 'b'], new Words(' or ')))).toBe('a or b');
});

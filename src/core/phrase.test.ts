import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, phraseText } from './phrase.ts';

describe('phraseText', () => {
  it('puts parts one after another, however deep they lie', () => {
    expect(phraseText(['a ', ['b ', 7, [': ', []]], 0.5])).toBe('a b 7: 0.5');
    expect(phraseText('a')).toBe('a');
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

it('joined puts a text between parts', () => {
  expect([[], ['a'], ['a', 'b', 1]].map((parts) => phraseText(joined(parts, '; ')))).toEqual([
    '',
    'a',
    'a; b; 1',
  ]);
});

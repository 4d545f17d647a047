import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countTokens, splitTokens } from '../../src/mock/tokens.ts';

it('loses no character, and counts what it cuts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const tokens = splitTokens(text);
      expect(tokens.join('')).toBe(text);
      expect(tokens).not.toContain('');
      expect(countTokens(text)).toBe(tokens.length);
    }),
    { numRuns: 1000 },
  );
});

it('weighs prose at about four letters a token', () => {
  const prose = 'The quick brown fox jumps over the lazy dog, and nobody is surprised any more. '.repeat(50);
  expect(prose.length / countTokens(prose)).toBeGreaterThan(3.5);
  expect(prose.length / countTokens(prose)).toBeLessThan(5.5);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, type GlobDialect, globCovers } from './glob.ts';

/** The same language as a regular expression: the oracle, too slow for hostile patterns. */
function oracle(pattern: string, dialect: GlobDialect): RegExp {
  const source = pattern.replace(/\*+|[^*]/gs, (part) => {
    if (part[0] !== '*') return part.replace(/[\\^$.|?+()[\]{}/]/g, '\\$&');
    return dialect === 'path' && part === '*' ? '[^/]*' : '[^]*';
  });
  return new RegExp(`^${source}$`);
}

const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 8 });
const texts = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 });
const dialects = fc.constantFrom<GlobDialect>('text', 'path');

describe('compileGlob', () => {
  it.each([
    ['path', '/v1/messages', '/v1/messages', true],
    ['path', '/v1/messages', '/v1/messages/', false],
    ['path', '/v1/*', '/v1/messages', true],
    ['path', '/v1/*', '/v1/messages/count_tokens', false],
    ['path', '/v1/**', '/v1/messages/count_tokens', true],
    ['path', '/v1/*/count_tokens', '/v1/messages/count_tokens', true],
    ['path', '**/messages', '/v1/messages', true],
    ['text', 'claude-opus-*', 'claude-opus-4-6', true],
    ['text', 'claude-opus-*', 'claude-sonnet-4-5', false],
    ['text', '*opus*', 'claude-opus-4-6', true],
    ['text', 'a*a', 'a', false],
    ['text', '*.example.com', 'a.b.example.com', true],
    ['text', 'a.c', 'abc', false],
  ] as const)('%s: %s on %s is %s', (dialect, pattern, text, expected) => {
    expect(compileGlob(pattern, dialect)(text)).toBe(expected);
  });

  it('agrees with the regular expression of the same language', () => {
    fc.assert(
      fc.property(patterns, texts, dialects, (pattern, text, dialect) => {
        expect(compileGlob(pattern, dialect)(text)).toBe(oracle(pattern, dialect).test(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('is not hurt by a hostile pattern', () => {
    const text = `/${'a'.repeat(5000)}!`;
    expect(compileGlob(`/${'*a'.repeat(20)}b`, 'path')(text)).toBe(false);
    expect(compileGlob(`/${'*a'.repeat(20)}b`, 'text')(text)).toBe(false);
  });
});

describe('globCovers', () => {
  it.each([
    ['/v1/**', '/v1/*', true],
    ['/v1/*', '/v1/**', false],
    ['/v1/*', '/v1/messages', true],
    ['**', '/a/**/b*', true],
    ['/a', '/b', false],
  ] as const)('%s covers %s: %s', (wide, narrow, expected) => {
    expect(globCovers(wide, narrow, 'path')).toBe(expected);
  });

  it('never claims too much', () => {
    fc.assert(
      fc.property(patterns, patterns, texts, dialects, (wide, narrow, text, dialect) => {
        if (!globCovers(wide, narrow, dialect) || !compileGlob(narrow, dialect)(text)) return;
        expect(compileGlob(wide, dialect)(text)).toBe(true);
      }),
      { numRuns: 30_000 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { LinearRegex, regexFlaw } from './linear-regex.ts';

describe('regular expressions', () => {
  it.each([
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['^a.c$', 'abc', true],
    ['^a.c$', 'abcd', false],
    ['a.c', 'a\nc', false],
    ['^(?<year>\\d{4})-\\w+$', '2026-a_1', true],
    ['\\/v1\\/', '/v1/messages', true],
    ['\\u00e9\\x41', 'éA', true],
    ['[^]', '\n', true],
    ['[(?=]', '?', true],
    ['\\(\\?=', '(?=', true],
    ['[\\]\\\\(?=]\\]', '=]', true],
    ['', '', true],
  ])('%s on %j: %s', (source, text, matches) => {
    expect(regexFlaw(source)).toBeUndefined();
    expect(new LinearRegex(source).test(text)).toBe(matches);
    // As JavaScript has it.
    expect(new RegExp(source).test(text)).toBe(matches);
  });

  it('ignores case where asked', () => {
    expect(new LinearRegex('^B.$', true).test('bc')).toBe(true);
    expect(new LinearRegex('^B.$').test('bc')).toBe(false);
  });

  it.each([
    ['^(a+)+$', `${'a'.repeat(50_000)}b`],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
    ['(a|aa)+$', `${'a'.repeat(50_000)}b`],
  ])('%s, which takes others an age, comes to an end', (source, text) => {
    expect(new LinearRegex(source).test(text)).toBe(false);
  });

  it.each([
    ['a(?=b)', /it looks around .* cannot be matched in linear time: say it with several conditions/],
    ['(?<!a)b', /it looks around/],
    ['(a)\\1', /it refers back to a group/],
    ['(?<n>a)\\k<n>', /it refers back to a group/],
    ['(?>a)', /it has an atomic group/],
    ['(', /missing closing \)/],
    ['a{1001}', /invalid repeat count/],
    ['(a{1000}){1000}', /invalid repeat count/],
    ['['.repeat(3), /missing closing \]/],
  ])('%s is refused with a reason in one line', (source, reason) => {
    const flaw = regexFlaw(source);
    expect(flaw).toMatch(/^not a regular expression that can be used: /);
    expect(flaw).toMatch(reason);
    expect(flaw).not.toContain('\n');
  });

  it('says beforehand what a text takes at the worst', () => {
    const [small, large] = ['^(a+)+$', '(a|b)*a(a|b){900}$'].map((source) => new LinearRegex(source));
    expect(small!.steps('a'.repeat(1000))).toBeLessThan(50_000);
    expect(large!.steps('a'.repeat(1000))).toBeGreaterThan(1_000_000);
  });
});

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { durationMs, parseDuration } from './duration.ts';

test.each([
  ['250ms', 250],
  ['0s', 0],
  ['1.5s', 1_500],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['24d', 2_073_600_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
  expect(durationMs.parse(text)).toBe(ms);
});

describe('refused', () => {
  test.each([
    '',
    '10',
    's',
    '-1s',
    '+1s',
    ' 1s',
    '1s ',
    '1 s',
    '1S',
    '1.s',
    '.5s',
    '1e3s',
    '1h30m',
    '5 parsecs',
    '25d',
    '1s\n',
  ])('%j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    const said = z.prettifyError(durationMs.safeParse(text).error!);
    expect(said).toContain('is no duration: write a number and its unit');
    expect(said).toContain('1.5s');
    expect(said.match(/✖/g)).toHaveLength(1);
  });

  test('a bare number, with both guesses', () => {
    expect(z.prettifyError(durationMs.safeParse(30).error!)).toContain('did you mean 30s or 30ms');
  });

  test('nothing at all', () => {
    expect(z.prettifyError(z.strictObject({ for: durationMs }).safeParse({}).error!)).toContain(
      'a duration is missing',
    );
  });
});

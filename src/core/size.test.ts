import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { byteSize, parseSize } from './size.ts';

test.each([
  ['512B', 512],
  ['0B', 0],
  ['1kB', 1_000],
  ['10KB', 10_000],
  ['1.5MB', 1_500_000],
  ['1GB', 1e9],
  ['64KiB', 65_536],
  ['32MiB', 33_554_432],
  ['1GiB', 2 ** 30],
])('%s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
  expect(byteSize.parse(text)).toBe(bytes);
});

describe('refused', () => {
  test.each(['', '10', 'B', '-1B', '1 MB', '10kib', '1mb', '1Mb', '0.5B', '1e3B', '99999999GiB', '1B\n'])(
    '%j',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
      const said = z.prettifyError(byteSize.safeParse(text).error!);
      expect(said).toContain('is no size: write');
      expect(said).toContain('64KiB');
      expect(said.match(/✖/g)).toHaveLength(1);
    },
  );

  test('a bare number, with both guesses', () => {
    expect(z.prettifyError(byteSize.safeParse(64).error!)).toContain('did you mean 64B or 64KiB');
  });
});

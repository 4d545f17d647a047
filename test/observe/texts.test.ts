/** Durations, sizes and lines. */
import { describe, expect, it } from 'vitest';
import { durationText, sizeText } from '../../src/observe/duration-text.ts';
import { LineWriter } from '../../src/observe/line-writer.ts';

describe('durationText', () => {
  it.each([
    [0, '<1 ms'],
    [0.99, '<1 ms'],
    [1, '1 ms'],
    [999.4, '999 ms'],
    [999.5, '1 s'],
    [1234, '1.2 s'],
    [9949, '9.9 s'],
    [9951, '10 s'],
    [59_900, '60 s'],
    [59_960, '1 min'],
    [61_000, '1 min 1 s'],
    [3_599_600, '1 h'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('sizeText', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [3456, '3.5 kB'],
    [999_400, '999 kB'],
    [999_500, '1 MB'],
    [64_000_000, '64 MB'],
    [2_500_000_000, '2.5 GB'],
  ])('%d is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('LineWriter', () => {
  it('writes the lines of one turn at once', async () => {
    const writes: string[] = [];
    const lines = new LineWriter({ write: (text) => writes.push(text) });
    lines.line('a');
    lines.line('b');
    expect(writes).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    lines.line('c');
    lines.flush();
    lines.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toEqual(['a\nb\n', 'c\n']);
  });
});

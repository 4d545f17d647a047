/** The benchmark's arithmetic: a wrong median or interval would decide gates wrongly and look like a measurement. */
import { describe, expect, it } from 'vitest';
import { median, medianInterval, summarize } from '../../bench/evaluate/statistics.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 4, 8])).toBe(6);
    expect(median([100, 9, 20])).toBe(20);
  });

  it('of nothing is not a number', () => {
    expect(median([])).toBeNaN();
  });
});

describe('medianInterval', () => {
  it('has the ranks of the published tables', () => {
    // Order statistics for a 95 % interval of the median: n, lower rank, upper rank.
    for (const [n, low, high] of [
      [6, 1, 6],
      [8, 1, 8],
      [9, 2, 8],
      [10, 2, 9],
      [20, 6, 15],
      [31, 10, 22],
      [50, 18, 33],
    ] as const) {
      expect(medianInterval(upTo(n).toReversed()), `n = ${n}`).toEqual({ low, high });
    }
  });

  it('does not exist for fewer than six values', () => {
    expect(medianInterval(upTo(5))).toBeUndefined();
    expect(medianInterval([])).toBeUndefined();
  });
});

describe('summarize', () => {
  it('gives the spread with the median', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3 });
    expect(summarize([])).toBeUndefined();
  });
});

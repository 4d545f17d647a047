/** Medians and their intervals. No assumption about how the noise is distributed. */

/** The middle value; the mean of the two middle ones of an even number. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * A 95 % confidence interval of the median, from order statistics (the sign test inverted).
 *
 * @returns undefined for fewer than 6 values: no such interval exists
 */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const n = values.length;
  // The greatest k with P(Binomial(n, ½) ≤ k) ≤ 2.5 %: that many values may be dropped at each end.
  let drop = -1;
  let probability = 0.5 ** n;
  let below = probability;
  while (below <= 0.025) {
    drop++;
    probability *= (n - drop) / (drop + 1);
    below += probability;
  }
  if (drop < 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return { low: sorted[drop]!, high: sorted[n - 1 - drop]! };
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Undefined of no values. */
export function summarize(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length };
}

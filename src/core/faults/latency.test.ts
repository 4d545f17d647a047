import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { latency } from './latency.ts';
import { waitMs, waitParam } from './wait.ts';

const N = 20_000;

/** Evenly spread draws: lane 1 is independent of lane 0. */
function draws(i: number): (lane?: number) => number {
  return (lane = 0) => (lane === 0 ? (i + 0.5) / N : (i * 0.618_033_988_749_894_9) % 1);
}

function sorted(input: z.input<typeof waitParam>): number[] {
  const wait = waitParam.parse(input);
  const all = Array.from({ length: N }, (_, i) => waitMs(wait, { draw: draws(i), nth: i + 1 }));
  return all.sort((a, b) => a - b);
}

const at = (all: readonly number[], quantile: number): number => all[Math.floor(quantile * all.length)]!;

test('a fixed delay, before the call or before its answer', () => {
  const plan = (input: z.input<typeof latency.params>) =>
    latency.plan(latency.params.parse(input), { seed: '1', messages: 'real' })({
      draw: () => 0.5,
      nth: 1,
    } as never);
  expect(plan({ delay: '1.5s' })).toEqual([{ do: 'delay', at: 'request', ms: 1_500 }]);
  expect(plan({ delay: '250ms', at: 'head' })).toEqual([{ do: 'delay', at: 'head', ms: 250 }]);
});

describe('distributions have their quantiles', () => {
  test('uniform', () => {
    const all = sorted({ distribution: 'uniform', min: '1s', max: '3s' });
    expect([at(all, 0), at(all, 0.25), at(all, 0.5), at(all, 0.9999)]).toEqual([1_000, 1_500, 2_000, 3_000]);
  });

  test('normal: 68 % within one deviation, never negative', () => {
    const all = sorted({ distribution: 'normal', mean: '10s', deviation: '2s' });
    expect(at(all, 0.5)).toBeCloseTo(10_000, -2);
    expect(at(all, 0.1587)).toBeCloseTo(8_000, -2);
    expect(at(all, 0.8413)).toBeCloseTo(12_000, -2);
    expect(sorted({ distribution: 'normal', mean: '1s', deviation: '5s' })[0]).toBe(0);
  });

  test('lognormal: median, and e^sigma above it', () => {
    const all = sorted({ distribution: 'lognormal', median: '1s', sigma: 0.5 });
    expect(at(all, 0.5) / 1_000).toBeCloseTo(1, 1);
    expect(at(all, 0.8413) / 1_000).toBeCloseTo(Math.exp(0.5), 1);
  });

  test('pareto: starts at min, median is min · 2^(1/alpha)', () => {
    const all = sorted({ distribution: 'pareto', min: '1s', alpha: 2 });
    expect(all[0]).toBe(1_000);
    expect(at(all, 0.5) / 1_000).toBeCloseTo(Math.SQRT2, 2);
    expect(at(all, 0.99) / 1_000).toBeCloseTo(10, 1);
  });

  test('recorded: each sample equally often, or one after the other', () => {
    const all = sorted({ distribution: 'recorded', samples: ['1s', '2s', '3s'] });
    expect([at(all, 0.33), at(all, 0.34), at(all, 0.66), at(all, 0.67)]).toEqual([
      1_000, 2_000, 2_000, 3_000,
    ]);
    const wait = waitParam.parse({ distribution: 'recorded', samples: ['1s', '2s'], order: 'sequence' });
    expect([1, 2, 3].map((nth) => waitMs(wait, { draw: () => 0, nth }))).toEqual([1_000, 2_000, 1_000]);
  });
});

test.each([
  { distribution: 'normal', mean: '10s', deviation: '10s', max: '12s' },
  { distribution: 'lognormal', median: '10s', sigma: 3, max: '12s' },
  { distribution: 'pareto', min: '1s', alpha: 0.1, max: '12s' },
] as const)('$distribution is bounded, at any draw', (input) => {
  expect(sorted(input).at(-1)).toBe(12_000);
  const wait = waitParam.parse(input);
  for (const edge of [0, Number.EPSILON, 1 - Number.EPSILON / 2]) {
    const ms = waitMs(wait, { draw: () => edge, nth: 1 });
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(ms).toBeLessThanOrEqual(12_000);
  }
});

test('without max, ten minutes are the most', () => {
  expect(sorted({ distribution: 'pareto', min: '1s', alpha: 0.1 }).at(-1)).toBe(600_000);
});

test.each([
  [5, 'did you mean 5s or 5ms'],
  [undefined, 'a duration is missing'],
  [{ distribution: 'gaussian' }, 'distribution is uniform, normal, lognormal, pareto or recorded'],
  [{ distribution: 'normal', mean: '1s' }, 'deviation: a duration is missing'],
  [{ distribution: 'uniform', min: '3s', max: '1s' }, 'max is shorter than min'],
  [{ distribution: 'pareto', min: '3s', alpha: 0 }, 'alpha is a number above 0'],
  [{ distribution: 'recorded', samples: [] }, 'samples needs at least one duration'],
  [{ distribution: 'recorded', samples: ['1s', 2] }, 'samples.1: 2 is no duration'],
  [{ distribution: 'uniform', min: '1s', max: '2s', mean: '1s' }, 'mean'],
])('%j is refused in one sentence', (delay, text) => {
  const said = z.prettifyError(latency.params.safeParse({ delay }).error!);
  expect(said).toContain(text);
  expect(said.match(/✖/g)).toHaveLength(1);
});

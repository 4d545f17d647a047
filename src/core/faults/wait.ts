/** How long a latency lasts: six ways to say it, each one draw (two for `normal`) turned into milliseconds. */
import { z } from 'zod';
import { durationMs } from '../duration.ts';

/** Reads the draws of one fault on one exchange. */
export interface Chance {
  draw(lane?: number): number;
  readonly nth: number;
}

const max = durationMs
  .default(600_000)
  .describe('Longest wait; default 10m. What would be longer is cut to it.');
const shape = (what: string) =>
  z.number({ error: `${what} is a number above 0` }).positive({ error: `${what} is a number above 0` });

const fixed = durationMs.transform((ms) => ({ distribution: 'fixed' as const, ms }));
const shaped = z.discriminatedUnion(
  'distribution',
  [
    z
      .strictObject({ distribution: z.literal('uniform'), min: durationMs, max: durationMs })
      .refine(({ min, max }) => min <= max, { path: ['max'], error: 'max is shorter than min: swap them' }),
    z.strictObject({ distribution: z.literal('normal'), mean: durationMs, deviation: durationMs, max }),
    z.strictObject({
      distribution: z.literal('lognormal'),
      median: durationMs,
      sigma: shape('sigma').describe(
        'Spread, as the standard deviation of the logarithm: 0.5 is moderate, 1 is wide.',
      ),
      max,
    }),
    z.strictObject({
      distribution: z.literal('pareto'),
      min: durationMs,
      alpha: shape('alpha').describe('The smaller, the heavier the tail: 3 is light, 1.2 is heavy.'),
      max,
    }),
    z.strictObject({
      distribution: z.literal('recorded'),
      samples: z
        .array(durationMs, { error: 'samples is a list of durations, such as [120ms, 3s]' })
        .min(1, { error: 'samples needs at least one duration' }),
      order: z
        .enum(['random', 'sequence'], { error: 'order is random or sequence' })
        .default('random')
        .describe('`sequence`: one after the other, from the start again at the end.'),
    }),
  ],
  { error: 'distribution is uniform, normal, lognormal, pareto or recorded' },
);

/** A duration, or a distribution of them. */
export const waitParam = z
  .union([fixed, shaped], {
    error: ({ input, errors }) => {
      // zod would say no more than "Invalid input": take the word of the form that was meant.
      const meant = errors?.[typeof input === 'object' && input !== null ? 1 : 0]?.[0];
      if (!meant) return undefined;
      return meant.path.length > 0 ? `${meant.path.join('.')}: ${meant.message}` : meant.message;
    },
  })
  .describe('How long: a duration such as 1.5s, or a distribution of durations.');

export type Wait = z.output<typeof waitParam>;

/** Whole milliseconds of one wait, never negative. */
export function waitMs(wait: Wait, chance: Chance): number {
  return Math.round(exactMs(wait, chance));
}

function exactMs(wait: Wait, { draw, nth }: Chance): number {
  switch (wait.distribution) {
    case 'fixed':
      return wait.ms;
    case 'uniform':
      return wait.min + draw(0) * (wait.max - wait.min);
    case 'normal':
      return clamp(wait.mean + wait.deviation * normal(draw), wait.max);
    case 'lognormal':
      return clamp(wait.median * Math.exp(wait.sigma * normal(draw)), wait.max);
    case 'pareto':
      return clamp(wait.min / (1 - draw(0)) ** (1 / wait.alpha), wait.max);
    case 'recorded': {
      const { samples, order } = wait;
      const index = order === 'sequence' ? (nth - 1) % samples.length : Math.floor(draw(0) * samples.length);
      return samples[index]!;
    }
  }
}

/** Standard normal by Box and Muller; 1 − x keeps 0 away from the logarithm. */
function normal(draw: Chance['draw']): number {
  return Math.sqrt(-2 * Math.log(1 - draw(0))) * Math.cos(2 * Math.PI * draw(1));
}

function clamp(ms: number, max: number): number {
  return Math.min(Math.max(ms, 0), max);
}

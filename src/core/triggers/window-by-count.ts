/** Windows over the number of the match: the same whatever the time. */
import { z } from 'zod';
import { count } from './first.ts';
import { type Horizon, ordinalText, type Trigger } from './trigger.ts';

export const windowByCount = z
  .strictObject({
    from: count.optional(),
    to: count.optional(),
    for: count.optional(),
    every: count.optional(),
  })
  .refine((spec) => spec.to === undefined || spec.for === undefined, 'give `to` or `for`, not both')
  .refine(({ from = 1, to }) => to === undefined || to >= from, '`to` is before `from`: swap them')
  .refine((spec) => Object.keys(spec).length > 0, 'give at least one of from, to, for and every')
  .refine(
    (spec) => spec.every === undefined || length(spec) <= spec.every,
    'the window is as long as its round, `every`, or longer: shorten it, or leave `every` out',
  );

type Spec = z.output<typeof windowByCount>;

function length({
  from = 1,
  to,
  for: long,
}: {
  from?: number | undefined;
  to?: number | undefined;
  for?: number | undefined;
}): number {
  return long ?? (to === undefined ? Number.POSITIVE_INFINITY : to - from + 1);
}

export function compileWindowByCount(spec: Spec): Trigger {
  const { from = 1, every: round } = spec;
  const long = length(spec);
  const fires = (index: number): boolean => {
    const past = index - from;
    return past >= 0 && (round === undefined ? past : past % round) < long;
  };
  const explain = (): string => {
    const start = `from the ${ordinalText(from)} call on`;
    const extent = long === Number.POSITIVE_INFINITY ? '' : ` for ${long} ${long === 1 ? 'call' : 'calls'}`;
    return `${start}${extent}${round === undefined ? '' : `, again every ${round} calls`}`;
  };
  return {
    fires: ({ index }) => fires(index),
    couldFire: fires,
    explain,
    why: ({ index }) => `match ${index} is ${fires(index) ? 'inside' : 'outside'} the window ${explain()}`,
  };
}

export function horizonOfWindow(spec: Spec): Horizon {
  const { from = 1, every: round = 1 } = spec;
  const long = length(spec);
  return { until: from + (long === Number.POSITIVE_INFINITY ? 0 : long), period: round };
}

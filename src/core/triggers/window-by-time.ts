/** Windows over time, from when the rule was armed or from its first match. */
import { z } from 'zod';
import { durationText, msOf, positiveDuration } from './duration-text.ts';
import { elapsed, since, sinceText } from './since.ts';
import type { Trigger } from './trigger.ts';

export const windowByTime = z
  .strictObject({
    from: durationText.optional(),
    to: positiveDuration.optional(),
    for: positiveDuration.optional(),
    every: positiveDuration.optional(),
    since: since.optional(),
  })
  .refine((spec) => spec.to === undefined || spec.for === undefined, 'give `to` or `for`, not both')
  .refine(
    (spec) => spec.from !== undefined || spec.to !== undefined || spec.for !== undefined,
    'give at least one of from, to and for',
  )
  .refine((spec) => length(spec) > 0, '`to` is not after `from`: swap them')
  .refine(
    (spec) => spec.every === undefined || length(spec) <= msOf(spec.every),
    'the window is longer than its round, `every`: shorten it, or leave `every` out',
  );

type Spec = z.output<typeof windowByTime>;

/** In milliseconds. A text that is no duration counts as nothing here: its own check has told so. */
function length(spec: {
  from?: string | undefined;
  to?: string | undefined;
  for?: string | undefined;
}): number {
  if (spec.for !== undefined) return msOf(spec.for);
  return spec.to === undefined ? Number.POSITIVE_INFINITY : msOf(spec.to) - msOf(spec.from ?? '0s');
}

export function compileWindowByTime(spec: Spec): Trigger {
  const from = msOf(spec.from ?? '0s');
  const long = length(spec);
  const round = spec.every === undefined ? undefined : msOf(spec.every);
  const inside = (time: number): boolean => {
    const past = time - from;
    return past >= 0 && (round === undefined ? past : past % round) < long;
  };
  const explain = (): string => {
    const extent =
      spec.for !== undefined ? ` for ${spec.for}` : spec.to !== undefined ? ` until ${spec.to}` : '';
    return `from ${spec.from ?? '0s'} ${sinceText(spec.since)} on${extent}${spec.every ? `, again every ${spec.every}` : ''}`;
  };
  return {
    fires: (moment) => inside(elapsed(moment, spec.since)),
    couldFire: () => true,
    explain,
    why: (moment) => {
      const time = elapsed(moment, spec.since);
      return `${(time / 1000).toFixed(1)}s ${sinceText(spec.since)} is ${inside(time) ? 'inside' : 'outside'} the window ${explain()}`;
    },
  };
}

import { z } from 'zod';
import { durationText, msOf } from './duration-text.ts';
import { count } from './first.ts';
import { countsFromArmed, elapsed, since, sinceText } from './since.ts';
import { defineTrigger, ordinalText, type Trigger } from './trigger.ts';

const place = z.union([count, durationText]);
const bounds = ['from', 'to', 'for', 'every'] as const;

const keys = z.strictObject({
  from: place.optional(),
  to: place.optional(),
  for: place.optional(),
  every: place.optional(),
  since: since.optional(),
});

type Spec = z.output<typeof keys>;

const params = keys
  .refine((spec) => bounds.some((bound) => spec[bound] !== undefined), {
    error: 'give at least one of from, to, for and every',
    abort: true,
  })
  .refine((spec) => kinds(spec).size < 2, {
    error: 'a window counts calls (from: 10, to: 20) or time (from: 30s, for: 45s), not both at once',
    abort: true,
  })
  .refine((spec) => spec.since === undefined || isTimed(spec), {
    error: '`since` is for windows of time: write durations such as for: 45s, or leave it out',
    abort: true,
  })
  .refine((spec) => spec.to === undefined || spec.for === undefined, 'give `to` or `for`, not both')
  .refine(
    (spec) => extentOf(spec).length > 0,
    'the window is empty: `to` must be after `from`, and `for` more than nothing',
  )
  .refine(
    (spec) => spec.every === undefined || extentOf(spec).length <= extentOf(spec).round,
    'the window is longer than its round, `every`: shorten it, or leave `every` out',
  );

function kinds(spec: Spec): Set<string> {
  return new Set(bounds.map((bound) => typeof spec[bound]).filter((kind) => kind !== 'undefined'));
}

function isTimed(spec: Spec): boolean {
  return kinds(spec).has('string');
}

interface Extent {
  readonly from: number;
  readonly length: number;
  /** Infinite without repetition. */
  readonly round: number;
}

/** In calls, or in milliseconds; a window of calls includes the one it goes `to`. */
function extentOf(spec: Spec): Extent {
  const amount = (bound: string | number): number => (typeof bound === 'string' ? msOf(bound) : bound);
  const timed = isTimed(spec);
  const from = amount(spec.from ?? (timed ? '0s' : 1));
  const end = spec.to === undefined ? Number.POSITIVE_INFINITY : amount(spec.to) + (timed ? 0 : 1);
  return {
    from,
    length: spec.for === undefined ? end - from : amount(spec.for),
    round: spec.every === undefined ? Number.POSITIVE_INFINITY : amount(spec.every),
  };
}

function inside({ from, length, round }: Extent, at: number): boolean {
  const past = at - from;
  return past >= 0 && (round === Number.POSITIVE_INFINITY ? past : past % round) < length;
}

/** Fires inside a window, by number of the match or by time; `every` repeats it. */
export const window = defineTrigger({
  key: 'window',
  summary:
    "Fires inside a window: by number (`from: 10, to: 20`) or by time (`from: 30s, for: 45s`); `every` repeats it. Times count from when the rules were armed, with `since: first-match` from the rule's first match, with `since: first-call` from the first call that any rule looks at.",
  params,
  examples: [
    { from: 10, to: 20 },
    { from: 3, for: 2, every: 10 },
    { from: '30s', for: '45s', every: '5m' },
    { for: '1m', since: 'first-match' },
  ],
  compile: (spec) => (isTimed(spec) ? byTime(spec) : byCount(spec)),
  timed: isTimed,
  shareable: (spec) => isTimed(spec) && countsFromArmed(spec.since),
  horizon: (spec) => {
    if (isTimed(spec)) return { until: 0, period: 1 };
    const { from, length, round } = extentOf(spec);
    return {
      until: from + (Number.isFinite(length) ? length : 0),
      period: Number.isFinite(round) ? round : 1,
    };
  },
});

function byCount(spec: Spec): Trigger {
  const extent = extentOf(spec);
  const { from, length, round } = extent;
  const what =
    `from the ${ordinalText(from)} call on` +
    (Number.isFinite(length) ? ` for ${length} ${length === 1 ? 'call' : 'calls'}` : '') +
    (Number.isFinite(round) ? `, again every ${round} calls` : '');
  return {
    fires: ({ index }) => inside(extent, index),
    couldFire: (index) => inside(extent, index),
    explain: () => what,
    why: ({ index }) => `${inside(extent, index) ? 'inside' : 'outside'} its window (${what})`,
  };
}

function byTime(spec: Spec): Trigger {
  const extent = extentOf(spec);
  const what =
    `from ${spec.from ?? '0s'} ${sinceText(spec.since)} on` +
    (spec.for === undefined ? '' : ` for ${spec.for}`) +
    (spec.to === undefined ? '' : ` until ${spec.to}`) +
    (spec.every === undefined ? '' : `, again every ${spec.every}`);
  return {
    fires: (moment) => inside(extent, elapsed(moment, spec.since)),
    couldFire: () => true,
    explain: () => what,
    why: (moment) => {
      const time = elapsed(moment, spec.since);
      const seconds = `${(time / 1000).toFixed(1)}s ${sinceText(spec.since)}`;
      return `${seconds} is ${inside(extent, time) ? 'inside' : 'outside'} its window (${what})`;
    },
  };
}

import { z } from 'zod';
import { defineTrigger } from './trigger.ts';
import { compileWindowByCount, horizonOfWindow, windowByCount } from './window-by-count.ts';
import { compileWindowByTime, windowByTime } from './window-by-time.ts';

const params = z.union([windowByCount, windowByTime]);
type Spec = z.output<typeof params>;

function byCount(spec: Spec): spec is z.output<typeof windowByCount> {
  return !('since' in spec) && Object.values(spec).every((value) => typeof value !== 'string');
}

/** Fires inside a window, by number of the match or by time; `every` repeats it. */
export const window = defineTrigger({
  key: 'window',
  summary:
    'Fires inside a window: by number (`from: 10, to: 20`) or by time (`from: 30s, for: 45s`); `every` repeats it. Times count from when the rules were armed, or with `since: first-match` from the rule’s first match.',
  params,
  examples: [
    { from: 10, to: 20 },
    { from: 3, for: 2, every: 10 },
    { from: '30s', for: '45s', every: '5m' },
    { for: '1m', since: 'first-match' },
  ],
  compile: (spec) => (byCount(spec) ? compileWindowByCount(spec) : compileWindowByTime(spec)),
  timed: (spec) => !byCount(spec),
  horizon: (spec) => (byCount(spec) ? horizonOfWindow(spec) : { until: 0, period: 1 }),
});

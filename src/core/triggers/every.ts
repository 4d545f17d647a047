import { z } from 'zod';
import { Words } from '../phrase.ts';
import { count } from './first.ts';
import { defineTrigger, ordinalText } from './trigger.ts';

const long = z
  .strictObject({ n: count, for: count.optional() })
  .refine(
    ({ n, for: m = 1 }) => m <= n,
    'for is greater than n: each round would run into the next; use `always`',
  );

const params = z.union([count, long]);

const parts = (spec: z.output<typeof params>): { n: number; m: number } =>
  typeof spec === 'number' ? { n: spec, m: 1 } : { n: spec.n, m: spec.for ?? 1 };

/** Fires on every N-th match, for one or more in a row. */
export const every = defineTrigger({
  key: 'every',
  summary:
    'Fires on every N-th match; `{ n: 10, for: 3 }` on the 10th, 11th and 12th, the 20th, 21st and 22nd, and so on.',
  params,
  examples: [10, { n: 10, for: 3 }],
  compile: (spec) => {
    const { n, m } = parts(spec);
    const why = new Words(`fires on every ${ordinalText(n)}${m > 1 ? ` for ${m}` : ''}`);
    const fires = (index: number): boolean => index >= n && index % n < m;
    return {
      fires: ({ index }) => fires(index),
      couldFire: fires,
      explain: () =>
        n === 1
          ? 'for every call'
          : m === 1
            ? `for every ${ordinalText(n)} call`
            : `from every ${ordinalText(n)} call on for ${m} calls`,
      why: () => why,
    };
  },
  horizon: (spec) => ({ until: parts(spec).n, period: parts(spec).n }),
  always: (spec) => parts(spec).n === 1,
});

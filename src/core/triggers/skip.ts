import { z } from 'zod';
import { defineTrigger } from './trigger.ts';

/** Lets the first matches pass; the counts beside it start after them. */
export const skip = defineTrigger({
  key: 'skip',
  summary:
    'Lets the first N matches pass. The other counts of the same trigger start after them: `skip: 5` with `first: 2` fires on the 6th and 7th.',
  params: z.int().min(0),
  examples: [5],
  compile: (n) => ({
    // The node has already taken what is skipped off the index.
    fires: ({ index }) => index >= 1,
    couldFire: (index) => index >= 1,
    explain: () => (n === 1 ? 'after the first call' : `after the first ${n} calls`),
    why: ({ index }) => (index >= 1 ? `the first ${n} are over` : `the first ${n} are skipped`),
  }),
  horizon: (n) => ({ until: n, period: 1 }),
  always: (n) => n === 0,
});

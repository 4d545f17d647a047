import { z } from 'zod';
import { defineTrigger } from './trigger.ts';

/** A number of calls. */
export const count = z.int().min(1, 'a count starts at 1');

/** Fires on the first matches. */
export const first = defineTrigger({
  key: 'first',
  summary: 'Fires on the first N matches.',
  params: count,
  examples: [2],
  compile: (n) => ({
    fires: ({ index }) => index <= n,
    couldFire: (index) => index <= n,
    explain: () => (n === 1 ? 'for the first call' : `for the first ${n} calls`),
    why: () => `fires on the first ${n}`,
  }),
  horizon: (n) => ({ until: n, period: 1 }),
});

import { z } from 'zod';
import { Words } from '../phrase.ts';
import { defineTrigger } from './trigger.ts';

/** A number of calls. */
export const count = z.int().min(1, 'a count starts at 1');

/** Fires on the first matches. */
export const first = defineTrigger({
  key: 'first',
  summary: 'Fires on the first N matches.',
  params: count,
  examples: [2],
  compile: (n) => {
    const why = new Words(`fires on the first ${n}`);
    return {
      fires: ({ index }) => index <= n,
      couldFire: (index) => index <= n,
      explain: () => (n === 1 ? 'for the first call' : `for the first ${n} calls`),
      why: () => why,
    };
  },
  horizon: (n) => ({ until: n, period: 1 }),
});

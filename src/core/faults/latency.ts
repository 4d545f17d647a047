/** `latency`: the call succeeds, later. */
import { z } from 'zod';
import { defineFault } from './fault.ts';
import { waitMs, waitParam } from './wait.ts';

/** Waits before the call is forwarded, or before its answer is passed on. */
export const latency = defineFault({
  kind: 'latency',
  phase: 'exchange',
  changes: 'timing',
  summary: 'Make a call wait before it is forwarded or answered.',
  details:
    '`at: request` waits before the call goes up; `at: head` lets the API work and holds its answer back. ' +
    'Draws come from the seed, so the same call waits equally long in every run.',
  params: z.strictObject({
    delay: waitParam,
    at: z
      .enum(['request', 'head'], { error: 'at is request or head' })
      .default('request')
      .describe('Before the call is forwarded (`request`) or before its answer is passed on (`head`).'),
  }),
  example: { delay: { distribution: 'lognormal', median: '800ms', sigma: 0.7, max: '20s' } },
  plan:
    ({ delay, at }) =>
    (context) => [{ do: 'delay', at, ms: waitMs(delay, context) }],
});

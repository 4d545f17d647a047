import { ANY_CALL, MESSAGES, STREAMS } from './calls.ts';
import type { Scenario } from './scenario.ts';

const errors = [
  { weight: 3, fault: 'overloaded' },
  { weight: 2, fault: 'server-error' },
  { weight: 2, fault: { kind: 'http-error', name: 'rate-limit', retry_after: 1 } },
  { weight: 1, fault: 'envoy-503' },
  { weight: 1, fault: { kind: 'disconnect', how: 'reset', at: 'request' } },
] as const;

export const flaky: Scenario = {
  name: 'flaky',
  summary: 'One call in ten fails, one way or another, all the time.',
  sources: [],
  chosen: 'All of it.',
  goodClient: 'Hides nearly all of it: each failure is retried once or twice, and no user notices.',
  phases: [
    {
      name: 'flaky',
      summary:
        '10 % of the messages fail: overloaded, 500, 429 with `retry-after: 1`, 503 of Envoy, a reset, or (streams) an error in the stream.',
      rules: [
        {
          part: 'streams',
          when: STREAMS,
          outcomes: [
            ...errors,
            { weight: 1, fault: { kind: 'stream-error', after: { text: 80 }, error: 'overloaded_error' } },
            { weight: 90, pass: true },
          ],
        },
        { when: MESSAGES, outcomes: [...errors, { weight: 81, pass: true }] },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
  ],
};

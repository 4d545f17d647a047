import { ANY_CALL, MESSAGES, RECOVERED } from './calls.ts';
import { githubIssue, type Scenario } from './scenario.ts';

export const inputTokenLimit: Scenario = {
  name: 'input-token-limit',
  summary: 'The bucket of input tokens is empty: 429 with `retry-after: 16`, and earlier retries fail again.',
  story:
    'A 429 with the full set of rate-limit headers, `retry-after: 16` and no input tokens remaining. The bucket refills evenly.',
  sources: [githubIssue('whoz-oss/coday', 110), githubIssue('continuedev/continue', 12057)],
  chosen: 'That the bucket is empty for 16 s from the first call on.',
  goodClient: 'Waits at least as long as `retry-after` says.',
  phases: [
    {
      name: 'empty',
      for: '16s',
      summary: 'Every message gets 429 with `retry-after: 16`.',
      rules: [
        { when: MESSAGES, fault: { kind: 'http-error', name: 'rate-limit', retry_after: 16 } },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    RECOVERED,
  ],
};

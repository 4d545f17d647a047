import { ANY_CALL, MESSAGES } from './calls.ts';
import { githubIssue, type Scenario } from './scenario.ts';

export const inputTokenLimit: Scenario = {
  name: 'input-token-limit',
  summary:
    'The bucket of input tokens is overdrawn: 429 with `retry-after: 16`, and whoever comes earlier is refused.',
  story:
    'A 429 with the full set of rate-limit headers: limits of 200,000 input tokens, 80,000 output tokens and 4,000 requests per minute, no input tokens remaining, and `retry-after: 16`, while `reset` tells when the bucket is full again. (With `retry-after: 90` instead, the Python SDK before 1.0 retries at once and LangChain gives up.)',
  sources: [githubIssue('whoz-oss/coday', 110), githubIssue('continuedev/continue', 12057)],
  chosen:
    'That the bucket fills evenly, from a debt that calls of up to 3,333 tokens have to wait 16 s for; larger ones wait longer.',
  goodClient: 'Waits at least as long as `retry-after` says, and then gets its answer.',
  phases: [
    {
      name: 'limited',
      summary: 'Messages of each key and model take from true token buckets; for 15 s none fits.',
      rules: [
        {
          when: MESSAGES,
          fault: {
            kind: 'rate-limit',
            requests_per_minute: 4_000,
            input_tokens_per_minute: 200_000,
            output_tokens_per_minute: 80_000,
            overdrawn: '15s',
          },
        },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
  ],
};

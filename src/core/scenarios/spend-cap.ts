import { ANY_CALL, MESSAGES } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

export const spendCap: Scenario = {
  name: 'spend-cap',
  summary: 'The monthly spend cap is reached: a 429 that no retry helps, until the first of the next month.',
  story:
    'A 429 `rate_limit_error` with `error_code: enforced_spend_limit_reached` and no `retry-after`. Its sibling is `fault: credit-balance`, a 400.',
  sources: [
    {
      text: 'rate limits, in the documentation',
      url: 'https://platform.claude.com/docs/en/api/rate-limits',
    },
    claudeCodeIssue(88711),
  ],
  chosen: 'Nothing: it lasts.',
  goodClient:
    'Does not retry beyond the two retries that the official SDKs make by themselves, and says clearly what to do.',
  phases: [
    {
      name: 'capped',
      summary: 'Every message gets 429 `enforced_spend_limit_reached`.',
      rules: [
        { when: MESSAGES, fault: 'spend-cap' },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
  ],
};

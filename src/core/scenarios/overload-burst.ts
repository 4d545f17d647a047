import { ANY_CALL, MESSAGES, RECOVERED } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

export const overloadBurst: Scenario = {
  name: 'overload-burst',
  summary: 'More than half of the messages are overloaded for 45 seconds, then all is well.',
  story:
    'July 2025: 529 `overloaded_error` with the message `Overloaded`, `x-should-retry: true` and no `retry-after`.',
  sources: [claudeCodeIssue(2919), claudeCodeIssue(4146)],
  chosen: 'The share (60 %) and the length (45 s).',
  goodClient: 'Finishes with at most three retries, spaced out.',
  phases: [
    {
      name: 'burst',
      for: '45s',
      summary: '60 % of the messages get 529 overloaded.',
      rules: [
        {
          when: MESSAGES,
          outcomes: [
            { weight: 60, fault: 'overloaded' },
            { weight: 40, pass: true },
          ],
        },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    RECOVERED,
  ],
};

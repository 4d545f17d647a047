import { ANY_CALL, MESSAGES, RECOVERED } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

const throttled = {
  for: '3m',
  summary: 'Every message gets a bare 429.',
  rules: [
    { when: MESSAGES, fault: 'server-throttle' },
    { part: 'other', when: ANY_CALL, pass: true },
  ],
} as const;

export const throttleWithoutHints: Scenario = {
  name: 'throttle-without-hints',
  summary: '429 `Rate limited` without `retry-after` and without rate-limit headers, in bursts of minutes.',
  story: '25 and 26 June 2026: the service protected itself; it was not the limit of any account.',
  sources: [claudeCodeIssue(71279), claudeCodeIssue(71503)],
  chosen: 'The share (100 %) and the lengths (3 min, 2 min, 3 min).',
  goodClient: 'Backs off by itself, with waits that grow and differ; does not blame the account’s limit.',
  phases: [
    { name: 'burst', ...throttled },
    {
      name: 'lull',
      for: '2m',
      summary: 'Every call passes.',
      rules: [{ when: ANY_CALL, pass: true }],
    },
    { name: 'second-burst', ...throttled },
    RECOVERED,
  ],
};

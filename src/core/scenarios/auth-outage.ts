import { ANY_CALL } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

export const authOutage: Scenario = {
  name: 'auth-outage',
  summary: 'Valid keys are refused with 401 for 78 minutes, then accepted again.',
  story:
    '28 April 2026, 17:34 to 18:52 UTC; also 10 July 2025, when one user saw it heal about ten minutes after the report.',
  sources: [
    {
      text: 'the outage of 28 April 2026',
      url: 'https://ai-paper-delta.vercel.app/en/papers/hn_47938097',
    },
    claudeCodeIssue(3243),
    claudeCodeIssue(3250),
  ],
  chosen: 'The share (100 %).',
  goodClient:
    'Does not hammer, does not delete or rotate credentials, and recovers without a restart once the key works again.',
  phases: [
    {
      name: 'outage',
      for: '78m',
      summary: 'Every call gets 401 `invalid x-api-key`, whatever its key.',
      rules: [{ when: ANY_CALL, fault: 'authentication' }],
    },
    {
      name: 'healed',
      summary: 'Every call passes.',
      rules: [{ when: ANY_CALL, pass: true }],
    },
  ],
};

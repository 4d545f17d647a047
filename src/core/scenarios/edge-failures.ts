import { ANY_CALL, RECOVERED } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

export const edgeFailures: Scenario = {
  name: 'edge-failures',
  summary:
    'Envoy answers 503 in plain text, for one reason after another, and connections are reset between.',
  story:
    'September and October 2025: attempts 4 to 9 of one call are on record, with waits of 4, 9, 19, 37, 32 and 34 s, and no end of it. Bodies are no JSON, and no `request-id` comes.',
  sources: [claudeCodeIssue(8802), claudeCodeIssue(7403)],
  chosen: 'The mix, and the recovery after 150 s.',
  goodClient: 'Survives bodies that are no JSON, shows no raw page, and goes on when the service does.',
  phases: [
    {
      name: 'outage',
      for: '150s',
      summary: 'Every call gets a 503 of Envoy (three reasons), or its connection is reset.',
      rules: [
        {
          when: ANY_CALL,
          outcomes: [
            { weight: 3, fault: 'envoy-503' },
            { weight: 2, fault: 'envoy-503-timeout' },
            { weight: 2, fault: 'envoy-503-termination' },
            { weight: 1, fault: { kind: 'disconnect', how: 'reset', at: 'request' } },
          ],
        },
      ],
    },
    RECOVERED,
  ],
};

import { ANY_CALL, RECOVERED } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

const error = { kind: 'http-error', name: 'server-error' } as const;

export const serverErrors: Scenario = {
  name: 'server-errors',
  summary: 'Every call fails with 500 for twenty minutes; a tail of errors follows.',
  story:
    '3 February 2026, 16:40 CET, all sessions at once: 500 `api_error` with a request id. In one report the `request_id` was null.',
  sources: [
    claudeCodeIssue(22838),
    claudeCodeIssue(22785),
    claudeCodeIssue(11590),
    {
      text: 'an outage of about 20 minutes; whether it is the same is not known',
      url: 'https://tryrunable.com/posts/claude-code-outage-what-happened-and-why-ai-tool-reliability',
    },
  ],
  chosen: 'The shares (100 %, then 20 %; one in ten without a request id) and the tail (10 min).',
  goodClient:
    'Retries a few times with growing waits, says that the service is down, and recovers by itself.',
  phases: [
    {
      name: 'outage',
      for: '20m',
      summary: 'Every call gets 500; one in ten of the answers has `request_id: null`.',
      rules: [
        {
          when: ANY_CALL,
          outcomes: [
            { weight: 9, fault: error },
            { weight: 1, fault: { ...error, request_id: null } },
          ],
        },
      ],
    },
    {
      name: 'tail',
      for: '10m',
      summary: '20 % of the calls get 500.',
      rules: [
        {
          when: ANY_CALL,
          outcomes: [
            { weight: 20, fault: error },
            { weight: 80, pass: true },
          ],
        },
      ],
    },
    RECOVERED,
  ],
};

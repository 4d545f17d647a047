import { ANY_CALL, MESSAGES, RECOVERED } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

/** A content-length of 224,000 or more. */
const LARGE = '^(22[4-9]\\d{3}|2[3-9]\\d{4}|[3-9]\\d{5}|[1-9]\\d{6,})$';
/** Cloudflare gives up on the API after about a minute. */
const timeout = [{ kind: 'latency', delay: '60s', at: 'request' }, 'cloudflare-504-html'] as const;

export const cloudflareTimeouts: Scenario = {
  name: 'cloudflare-timeouts',
  summary: 'Cloudflare waits a minute and gives up: 504 and 520 as HTML, then 522 as JSON.',
  story:
    'August 2025: bodies beyond 224 KB got 504 after a minute, nine times and more in a row. July 2025: four timeouts, then a 520. 2026: 522 as JSON, with `retry_after: 120` in the body.',
  sources: [claudeCodeIssue(6781), claudeCodeIssue(3197), claudeCodeIssue(67341)],
  chosen: 'The lengths of the phases.',
  goodClient:
    'Does not print HTML, does not send a large body for ever, and makes it smaller (or says that it must be).',
  phases: [
    {
      name: 'large-bodies',
      for: '10m',
      summary: 'Messages of 224 kB and more get 504 (HTML) after 60 s; smaller ones pass.',
      rules: [
        {
          when: { ...MESSAGES, header: { 'content-length': { regex: LARGE } } },
          faults: [...timeout],
        },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    {
      name: 'timeouts',
      for: '10m',
      summary: 'Every message gets 504 (HTML) after 60 s, and each fifth one 520 (HTML) at once.',
      rules: [
        { part: 'unknown-error', when: MESSAGES, trigger: { every: 5 }, fault: 'cloudflare-520-html' },
        { when: MESSAGES, faults: [...timeout] },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    {
      name: 'no-connection',
      for: '5m',
      summary: 'Every call gets 522 (JSON with `retry_after: 120`).',
      rules: [{ when: ANY_CALL, fault: 'cloudflare-522' }],
    },
    RECOVERED,
  ],
};

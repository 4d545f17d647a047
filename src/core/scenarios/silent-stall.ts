import { ANY_CALL, RECOVERED, STREAMS } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

const midText = { kind: 'stream-stall', after: { text: 80 } } as const;

export const silentStall: Scenario = {
  name: 'silent-stall',
  summary: 'Streams fall silent: for 35 to 138 seconds at first, then for good.',
  story:
    'HTTP 200 and not one byte for more than five minutes; gaps of 35 to 138 s in the middle of a text, of which most end within 50 to 70 s and some never.',
  sources: [claudeCodeIssue(49716), claudeCodeIssue(54434), claudeCodeIssue(18028)],
  chosen: 'The shares, the lengths of the phases, and the pings. A stall in a tool call needs a tool call.',
  goodClient:
    'Has a limit for idle streams that pings do not defeat, tells the user, and runs no tool twice.',
  phases: [
    {
      name: 'gaps',
      for: '10m',
      summary:
        'Five in nine streams stall for 35 to 138 s: before the first byte, in the text (with or without pings) or in a tool call.',
      rules: [
        {
          when: STREAMS,
          outcomes: [
            { weight: 1, fault: { kind: 'stream-stall', before: 'first_event', for: '35s' } },
            { weight: 1, fault: { ...midText, for: '35s' } },
            { weight: 1, fault: { ...midText, for: '60s', pings: '10s' } },
            { weight: 1, fault: { ...midText, for: '138s' } },
            { weight: 1, fault: { kind: 'stream-stall', inside: 'tool_use', for: '60s' } },
            { weight: 4, pass: true },
          ],
        },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    {
      name: 'dead',
      for: '5m',
      summary: 'Every other stream never goes on: without a byte, or in the text, with or without pings.',
      rules: [
        {
          when: STREAMS,
          outcomes: [
            { weight: 2, fault: { kind: 'stream-stall', before: 'first_event' } },
            { weight: 1, fault: midText },
            { weight: 1, fault: { ...midText, pings: '15s' } },
            { weight: 4, pass: true },
          ],
        },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    RECOVERED,
  ],
};

import { ANY_CALL, MESSAGES, RECOVERED, STREAMS } from './calls.ts';
import { claudeCodeIssue, githubIssue, type PhaseRule, type Scenario } from './scenario.ts';

const beforeHead = { weight: 8, fault: { kind: 'disconnect', how: 'reset', at: 'request' } } as const;
const whenIdle = {
  weight: 6,
  fault: { kind: 'disconnect', how: 'reset', at: { idle: '5s' } },
} as const;

const resets: readonly PhaseRule[] = [
  {
    part: 'streams',
    when: STREAMS,
    outcomes: [
      beforeHead,
      whenIdle,
      { weight: 4, fault: { kind: 'stream-cut', after: { text: 80 }, how: 'reset' } },
      { weight: 2, fault: { kind: 'stream-cut', inside: 'tool_use', how: 'reset' } },
      { weight: 80, pass: true },
    ],
  },
  {
    when: MESSAGES,
    outcomes: [
      beforeHead,
      whenIdle,
      { weight: 6, fault: { kind: 'disconnect', how: 'reset', at: { bytes_down: '600B' } } },
      { weight: 80, pass: true },
    ],
  },
  { part: 'other', when: ANY_CALL, pass: true },
];

export const connectionResets: Scenario = {
  name: 'connection-resets',
  summary: 'One call in five loses its connection: before the answer, in it, or while it idles.',
  story:
    'Most clients recovered after about 5 s; one failed for 45 minutes, worked, and failed again. In the middle of a tool call a reset leaves truncated JSON, which was run by some.',
  sources: [
    claudeCodeIssue(83994),
    claudeCodeIssue(77516),
    claudeCodeIssue(83399),
    claudeCodeIssue(37077),
    claudeCodeIssue(68362),
    githubIssue('MadAppGang/claudish', 246),
  ],
  chosen: 'The share (20 %; reports suggest 10 to 30 %), its parts, and the lull and the second spell.',
  goodClient:
    'Takes a fresh connection, retries within bounds, and never runs a tool call whose JSON was cut short.',
  phases: [
    {
      name: 'resets',
      for: '45m',
      summary:
        '20 % of the messages are hit by a reset: before the head, in the stream (text or tool call), or 5 s after the answer on the idle connection.',
      rules: resets,
    },
    {
      name: 'lull',
      for: '15m',
      summary: 'Every call passes.',
      rules: [{ when: ANY_CALL, pass: true }],
    },
    { name: 'resets-again', for: '15m', summary: 'As at first.', rules: resets },
    RECOVERED,
  ],
};

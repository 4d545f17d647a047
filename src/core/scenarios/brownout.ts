import { ANY_CALL, MESSAGES, RECOVERED, STREAMS } from './calls.ts';
import type { PhaseRule, Scenario } from './scenario.ts';

const slowTokens = { kind: 'slow-stream', first_token: '6s', tokens_per_second: 15, jitter: 0.5 } as const;
const slowAnswer = {
  kind: 'latency',
  at: 'head',
  delay: { distribution: 'lognormal', median: '4s', sigma: 0.6, max: '60s' },
} as const;

/** @param failing percent of the messages that are overloaded; all others are slow */
function load(failing: number): readonly PhaseRule[] {
  const overloaded = failing === 0 ? [] : [{ weight: failing, fault: 'overloaded' }];
  return [
    {
      part: 'streams',
      when: STREAMS,
      outcomes: [...overloaded, { weight: 100 - failing, faults: [slowAnswer, slowTokens] }],
    },
    { when: MESSAGES, outcomes: [...overloaded, { weight: 100 - failing, fault: slowAnswer }] },
    { part: 'other', when: ANY_CALL, pass: true },
  ];
}

export const brownout: Scenario = {
  name: 'brownout',
  summary: 'The API grows slow, then slow and overloaded, and recovers little by little.',
  sources: [],
  chosen: 'All of it.',
  goodClient:
    'Keeps its time limits, sheds or delays what can wait, and does not add to the load by retrying.',
  phases: [
    {
      name: 'slow',
      for: '5m',
      summary:
        'Every message is slow: its head after about 4 s, its first token 6 s later, 15 tokens a second.',
      rules: load(0),
    },
    {
      name: 'overloaded',
      for: '10m',
      summary: 'As before, and 40 % of the messages get 529 overloaded.',
      rules: load(40),
    },
    {
      name: 'easing',
      for: '5m',
      summary: 'Slow; the share of 529 overloaded goes from 40 % down to none, evenly.',
      rules: [
        {
          part: 'overloaded',
          when: MESSAGES,
          trigger: { ramp: { from: 0.4, to: 0, over: '5m', after: '15m', since: 'first-call' } },
          fault: 'overloaded',
        },
        ...load(0),
      ],
    },
    RECOVERED,
  ],
};

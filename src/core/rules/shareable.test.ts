/** Processes that share the numbers of one proxy out among them decide as one would, or say that they cannot. */
import { describe, expect, it } from 'vitest';
import { atMs, requestFacts } from '../../../test/support/request-facts.ts';
import { compileRules } from './compile.ts';
import type { Decision } from './decision.ts';
import { whyNotShareable } from './shareable.ts';

const ENV = { seed: '42', messages: 'simulated', armedAt: 0 } as const;
const RULES = [
  { name: 'half', when: { path: '/v1/messages' }, trigger: { probability: 0.5 }, fault: 'overloaded' },
  {
    name: 'rolls',
    outcomes: [
      { fault: 'server-error' },
      { fault: { kind: 'latency', delay: { distribution: 'lognormal', median: '4s', sigma: 0.6 } } },
      { pass: true },
    ],
  },
];

/** What a decision says, and when it passes, that too. */
const told = (decision: Decision): unknown => [
  decision.rule,
  decision.nth,
  decision.ordinal,
  decision.faults,
  decision.rule === null ? undefined : decision.requestId(),
];

describe('processes that share', () => {
  it.each([2, 3, 8])('%i of them decide on each number as one process does, and no number twice', (of) => {
    const calls = 240;
    const one = compileRules(RULES, ENV);
    const alone = Array.from({ length: calls }, () => one.decide(requestFacts(), atMs(0)));
    const shared = Array.from({ length: of }, (_, index) => {
      const rules = compileRules(RULES, { ...ENV, share: { index, of } });
      return Array.from({ length: calls / of }, () => rules.decide(requestFacts(), atMs(0)));
    }).flat();
    shared.sort((a, b) => a.ordinal - b.ordinal);
    expect(shared.map(told)).toEqual(alone.map(told));
  });

  it('number the connections so too, each on its own', () => {
    const rules = compileRules([{ name: 'slow', fault: { kind: 'slow-accept', delay: '1s' } }], {
      ...ENV,
      share: { index: 1, of: 2 },
    });
    const facts = requestFacts();
    const seen = [1, 2, 3].map(() => rules.decideConnection(facts, atMs(0)));
    expect(seen.map(({ nth, ordinal }) => [nth, ordinal])).toEqual([
      [2, 2],
      [4, 4],
      [6, 6],
    ]);
    expect(rules.show()[0]).toMatchObject({ rule: 'slow', matches: 3 });
  });

  it('know the first match of theirs', () => {
    const rules = compileRules(
      [{ name: 'soon', trigger: { window: { for: '1s', since: 'first-match' } }, fault: 'overloaded' }],
      { ...ENV, share: { index: 2, of: 3 } },
    );
    const fired = [5000, 5900, 6100].map((ms) => rules.decide(requestFacts(), atMs(ms)).rule);
    expect(fired).toEqual(['soon', 'soon', null]);
  });
});

describe('whyNotShareable', () => {
  const why = (spec: object): string | undefined =>
    whyNotShareable(compileRules([{ name: 'r', fault: 'overloaded', ...spec }], ENV).rules[0]!);

  it.each<object>([
    {},
    { trigger: 'always' },
    { trigger: { probability: 0.2 } },
    { trigger: { every: 1 } },
    { trigger: { any: [{ probability: 0.1 }, { window: { from: '10s', for: '5s', every: '1m' } }] } },
    { trigger: { ramp: { over: '10m', since: 'armed' } } },
    { trigger: { burst: { enter: 0.1, leave: 0.5, step: '1s' } } },
    { when: { header: { 'x-team': 'a' }, model: 'claude-*' } },
    { fault: undefined, faults: ['overloaded', { kind: 'latency', delay: '1s' }] },
    { fault: undefined, pass: true },
  ])('has nothing against %j', (spec) => {
    expect(why(spec)).toBeUndefined();
  });

  it.each<readonly [object, RegExp]>([
    [{ trigger: { first: 2 } }, /trigger hangs on other calls \(for the first 2 calls\)/],
    [{ trigger: { nth: 3 } }, /trigger/],
    [{ trigger: { every: 10 } }, /trigger/],
    [{ trigger: { skip: 1 } }, /trigger/],
    [{ trigger: { skip: 1, probability: 0.5 } }, /trigger/],
    [{ trigger: { once_per: 'conversation' } }, /trigger hangs on other calls \(once per conversation\)/],
    [{ trigger: { window: { from: 10, to: 20 } } }, /trigger/],
    [{ trigger: { window: { for: '1m', since: 'first-match' } } }, /trigger/],
    [{ trigger: { window: { for: '1m', since: 'first-call' } } }, /trigger/],
    [{ trigger: { burst: { enter: 0.1, leave: 0.5 } } }, /trigger/],
    [{ trigger: { ramp: { over: 200 } } }, /trigger/],
    [{ trigger: { ramp: { over: '2m', since: 'first-match' } } }, /trigger/],
    [{ trigger: { any: [{ probability: 0.1 }, { first: 1 }] } }, /trigger/],
    [{ trigger: { all: [{ probability: 0.1 }, { first: 1 }] } }, /trigger/],
    [{ limit: { times: 5 } }, /limit counts/],
    [{ limit: { concurrent: 5 } }, /limit counts/],
    [{ cooldown: '10s' }, /cooldown/],
    [{ when: { attempt: 0 } }, /condition attempt remembers/],
    [{ when: { not: { any: [{ attempt: 1 }] } } }, /condition attempt remembers/],
    [{ fault: { kind: 'rate-limit', requests_per_minute: 5 } }, /fault rate-limit remembers/],
    [
      {
        fault: undefined,
        outcomes: [{ pass: true }, { fault: { kind: 'rate-limit', requests_per_minute: 5 } }],
      },
      /rate-limit/,
    ],
  ])('refuses %j', (spec, reason) => {
    expect(why(spec)).toMatch(reason);
  });
});

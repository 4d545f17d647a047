/** What armed rules do beyond choosing: connections, memories, skips, the index, reloads and replays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atMs, type CallSpec, requestFacts } from '../../../test/support/request-facts.ts';
import { testLibrary } from '../../../test/support/test-faults.ts';
import { readBody } from '../anthropic/request.ts';
import type { WhenSpec } from '../matchers/when.ts';
import { phraseText } from '../phrase.ts';
import { createRandom, PURPOSE } from '../random.ts';
import { carryOver } from './carry-over.ts';
import { compileRules } from './compile.ts';
import { PASS } from './decision.ts';
import { type RecordedDecision, replayRules } from './replay.ts';
import type { ArmedRules } from './rule-set.ts';

const ENV = { seed: '42', messages: 'simulated', library: testLibrary, armedAt: 0 } as const;
const GOOD = { status: 200, complete: true, injected: false };

const decide = (rules: ArmedRules, call: CallSpec = {}, ms = 0): ReturnType<ArmedRules['decide']> =>
  rules.decide(requestFacts(call), atMs(ms));

it('a call that passes is let go with its body once it is decided', () => {
  const rules = compileRules([{ when: { model: 'a' }, trigger: { nth: 2 }, fault: 'overloaded' }], ENV);
  const facts = requestFacts({ json: { model: 'a' } });
  const decision = rules.decide(facts, atMs(0));
  expect(phraseText(decision.why())).toContain('does not fire on its match 1');
  const reachable = new Set<unknown>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || reachable.has(value)) return;
    reachable.add(value);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(decision);
  expect(reachable).not.toContain(facts);
  expect(reachable).not.toContain(facts.body);
});

describe('connections', () => {
  const { host, port, sni, via, peer } = requestFacts();
  const facts = { host, port, sni, via, peer };

  it('have their own rules, counts and draws', () => {
    const rules = compileRules(
      [
        {
          name: 'slow',
          when: { host: '*.anthropic.com' },
          trigger: { every: 2 },
          fault: { kind: 'test-slow-accept', ms: 10 },
        },
        { name: 'flat', fault: 'overloaded' },
      ],
      ENV,
    );
    const seen = [1, 2, 3, 4].map(() => rules.decideConnection(facts, atMs(0)));
    expect(seen.map(({ rule, ordinal }) => [rule, ordinal])).toEqual([
      [null, 1],
      ['slow', 2],
      [null, 3],
      ['slow', 4],
    ]);
    const ms = 10 * createRandom('42', 'slow').draw(2, 0, PURPOSE.fault);
    expect(seen[1]!.faults).toEqual([
      { kind: 'test-slow-accept', effects: [{ do: 'delay', at: 'accept', ms }] },
    ]);
    expect(decide(rules).ordinal).toBe(1);
  });

  it('pass without a decision where no rule is for them', () => {
    const rules = compileRules([{ when: { model: 'x' }, pass: true }, { fault: 'overloaded' }], ENV);
    expect(rules.decideConnection(facts, atMs(0))).toBe(PASS);
  });

  it('are protected by a rule that can tell early', () => {
    const rules = compileRules(
      [
        { name: 'safe', when: { host: 'api.anthropic.com' }, pass: true },
        { name: 'slow', fault: { kind: 'test-slow-accept', ms: 10 } },
      ],
      ENV,
    );
    expect(rules.decideConnection(facts, atMs(0)).rule).toBe('safe');
    expect(rules.decideConnection({ ...facts, host: 'b' }, atMs(0)).rule).toBe('slow');
    expect(decide(rules).rule).toBe('safe');
  });
});

describe('faults', () => {
  it('draw for themselves, by position and lane', () => {
    const rules = compileRules(
      [{ name: 'r', faults: [{ kind: 'test-draws' }, { kind: 'test-draws', lane: 3 }] }],
      ENV,
    );
    decide(rules);
    const random = createRandom('42', 'r');
    expect(decide(rules).faults.flatMap(({ effects }) => effects)).toEqual([
      { do: 'delay', at: 'request', ms: random.draw(2, 0, PURPOSE.fault) },
      { do: 'delay', at: 'request', ms: random.draw(2, 3, PURPOSE.fault + 1) },
    ]);
  });

  it('that fail to plan are skipped, and the others act', () => {
    const rules = compileRules([{ name: 'r', faults: [{ kind: 'test-broken' }, 'overloaded'] }], ENV);
    const decision = decide(rules);
    expect(decision.faults.map(({ kind }) => kind)).toEqual(['http-error']);
    expect(decision.skipped).toEqual([
      { rule: 'r', fault: 'test-broken', reason: 'its plan failed: out of ideas' },
    ]);
  });

  it('that conflict only at work are skipped', () => {
    const rules = compileRules(
      [{ name: 'r', faults: [{ kind: 'test-budget', tokens: 1 }, 'overloaded'] }],
      ENV,
    );
    const first = decide(rules);
    expect(first.skipped).toEqual([]);
    const usage = { inputTokens: 0, outputTokens: 5, cacheReadTokens: 0, cacheCreationTokens: 0 };
    rules.settle(first, { ...GOOD, usage }, atMs(0));
    expect(decide(rules).skipped).toMatchObject([{ fault: 'http-error' }]);
  });

  it('remember in the armed rule: another set starts anew', () => {
    const spec = [{ name: 'r', fault: { kind: 'test-budget', tokens: 7 } }];
    const usage = { inputTokens: 0, outputTokens: 5, cacheReadTokens: 0, cacheCreationTokens: 0 };
    const statuses = (rules: ArmedRules): string[] =>
      [1, 2, 3].map(() => {
        const decision = decide(rules);
        rules.settle(decision, { ...GOOD, usage }, atMs(0));
        return decision.faults[0]!.effects[0]!.do;
      });
    const rules = compileRules(spec, ENV);
    expect(statuses(rules)).toEqual(['head', 'head', 'respond']);
    expect(rules.show()).toEqual([{ rule: 'r', phase: 'exchange', matches: 3, memories: [{ left: -8 }] }]);
    expect(statuses(compileRules(spec, ENV))).toEqual(['head', 'head', 'respond']);
  });
});

describe('what a condition may cost', () => {
  const costly = { body: 'body.list.exists(a, body.list.exists(b, a + b < 0))' };
  const long = 'a'.repeat(60_000);
  const call = { json: { list: Array.from({ length: 20_000 }, (_, i) => i) }, headers: { 'x-a': long } };

  it('is bounded: then the rule does not act, under `not` neither, and the decision says why', () => {
    const rules = compileRules(
      [
        { name: 'false', when: { all: [costly, { method: 'GET' }] }, fault: 'overloaded' },
        { name: 'costly', when: costly, fault: 'overloaded' },
        { name: 'denied', when: { not: costly }, fault: 'overloaded' },
        {
          name: 'header',
          when: { header: { 'x-a': { regex: '(a|b)*a(a|b){900}c?$' } } },
          fault: 'overloaded',
        },
        { name: 'either', when: { any: [costly, { method: 'GET' }] }, fault: 'overloaded' },
      ],
      ENV,
    );
    const decision = decide(rules, call);
    const reason = 'would take more than 10 million steps on this call';
    expect(phraseText(decision.why())).toBe(
      `passes: ${[
        `rule costly does not act, for it cannot be told whether it matches: the expression \`${costly.body}\` ${reason}`,
        `rule denied does not act, for it cannot be told whether it matches: the expression \`${costly.body}\` ${reason}`,
        `rule header does not act, for it cannot be told whether it matches: the regular expression /(a|b)*a(a|b){900}c?$/ ${reason}`,
        `rule either does not act, for it cannot be told whether it matches: the expression \`${costly.body}\` ${reason}`,
      ].join('; ')}`,
    );
    expect(rules.rules.map(({ runtime }) => runtime.matches.last)).toEqual([0, 0, 0, 0, 0]);
    expect(decide(rules, { ...call, method: 'GET', json: { list: [1] } }).rule).toBe('denied');
    const { when } = rules.rules[1]!;
    expect(when.failing(requestFacts(call), { attempt: () => 0 })).toBe(
      `cannot tell, the expression \`${costly.body}\` ${reason}: body satisfies \`${costly.body}\``,
    );
  });

  it('keeps no rule below from acting, and is told with it', () => {
    const rules = compileRules(
      [
        { name: 'costly', when: costly, fault: 'overloaded' },
        { name: 'below', fault: 'overloaded' },
      ],
      ENV,
    );
    const decision = decide(rules, call);
    expect(decision).toMatchObject({ rule: 'below', held: [{ rule: { name: 'costly' } }] });
  });
});

describe('limits', () => {
  it('give back what made no difference: times, the rest after it, and the one time in a conversation', () => {
    const rules = compileRules(
      [
        { name: 'times', when: { path: '/a' }, limit: { times: 1 }, fault: 'overloaded' },
        { name: 'rest', when: { path: '/b' }, cooldown: '1h', fault: 'overloaded' },
        { name: 'once', when: { path: '/c' }, trigger: { once_per: 'conversation' }, fault: 'overloaded' },
        { name: 'passes', when: { path: '/d' }, limit: { times: 1 }, pass: true },
        { name: 'broken', when: { path: '/e' }, limit: { times: 1 }, fault: { kind: 'test-broken' } },
      ],
      ENV,
    );
    const acts = (path: string): ReturnType<typeof decide> => decide(rules, { path, conversation: 'x' });
    for (const [path, name] of [
      ['/a', 'times'],
      ['/b', 'rest'],
      ['/c', 'once'],
      ['/e', 'broken'],
    ] as const) {
      const first = acts(path);
      expect([first.rule, acts(path).rule]).toEqual([name, null]);
      rules.tookHold(first, false);
      rules.tookHold(first, false);
      const again = acts(path);
      expect([again.rule, acts(path).rule]).toEqual([name, null]);
      rules.tookHold(again, true);
      rules.settle(again, GOOD, atMs(0));
      expect(acts(path).rule).toBeNull();
    }
    // To let a call pass is what this one does.
    const passed = acts('/d');
    rules.tookHold(passed, false);
    expect([passed.rule, acts('/d').rule]).toEqual(['passes', null]);
  });

  it('give back the one time in a conversation only to the call that took it', () => {
    const trigger = { any: [{ once_per: 'conversation' }, { nth: 2 }] };
    const rules = compileRules([{ name: 'r', trigger, fault: 'overloaded' }], ENV);
    const [, second] = [1, 2].map(() => decide(rules, { conversation: 'x' }));
    rules.tookHold(second!, false);
    expect(decide(rules, { conversation: 'x' }).rule).toBeNull();
  });
});

describe('message threads', () => {
  const spec = [{ name: 'once', trigger: { once_per: 'conversation' }, fault: 'overloaded' }];
  const turn = (previous?: string): CallSpec => ({
    json: { thread: previous === undefined ? { type: 'create' } : { previous_message_id: previous } },
    conversation: previous ?? 'begin',
  });

  it('are followed by the ids of their answers, across a reload too', () => {
    const rules = compileRules(spec, ENV);
    const first = decide(rules, turn());
    rules.settle(first, { ...GOOD, messageId: 'msg_1' }, atMs(0));
    const next = compileRules(spec, ENV);
    carryOver(rules, next);
    const second = decide(next, turn('msg_1'));
    next.settle(second, { ...GOOD, messageId: 'msg_2' }, atMs(0));
    expect(
      [first, second, decide(next, turn('msg_2')), decide(next, turn('msg_9'))].map(({ rule }) => rule),
    ).toEqual(['once', null, null, null]);
    expect([first.thread, second.thread]).toEqual(['begin', 'begin']);
  });

  it('ask for nothing where the client names its session, no thread is, or no rule asks', () => {
    const rules = compileRules(spec, ENV);
    const session = { ...turn('msg_1'), headers: { 'x-claude-code-session-id': 's' }, conversation: 's' };
    expect(decide(rules, session)).toMatchObject({ rule: 'once', thread: 's' });
    expect(decide(rules, { json: {}, conversation: 'x' }).thread).toBeUndefined();
    expect(decide(compileRules([{ fault: 'overloaded' }], ENV), turn()).thread).toBeUndefined();
  });
});

describe('the index', () => {
  const whens: readonly WhenSpec[] = [
    {},
    { model: 'a*' },
    { model: ['b', 'c'] },
    { header: { t: '1' } },
    { header: { t: false } },
    { header: { t: { glob: '*' } }, model: 'a' },
    { header: { u: true }, path: '/x/**' },
    { path: ['/x/y', '/v1/messages'] },
    { method: 'GET' },
    { any: [{ model: 'a' }, { path: '/x/y' }] },
    { not: { header: { t: '1' } } },
    { not: { model: 'a*' }, host: 'h*' },
  ];
  const call = fc
    .record({
      method: fc.constantFrom('GET', 'POST'),
      path: fc.constantFrom('/v1/messages', '/x/y', '/x/z'),
      host: fc.constantFrom('h1', 'i1'),
      t: fc.constantFrom('1', '2', undefined),
      u: fc.constantFrom('1', undefined),
      model: fc.constantFrom('a', 'ab', 'b', 'd', undefined),
      body: fc.constantFrom('held', 'none', 'truncated'),
    })
    .map(
      ({ t, u, model, body, ...rest }): CallSpec => ({
        ...rest,
        headers: { ...(t && { t }), ...(u && { u }) },
        ...(body === 'held'
          ? { json: { model } }
          : body === 'none'
            ? {}
            : { bodyState: 'truncated' as const }),
      }),
    );

  it('finds exactly the rules that match, in order', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...whens], { minLength: 1 }),
        fc.array(call, { minLength: 1, maxLength: 12 }),
        (specs, calls) => {
          const rules = compileRules(
            specs.map((when, i) => ({
              name: `r${i}`,
              when,
              trigger: { nth: 1_000_000 },
              fault: 'overloaded',
            })),
            ENV,
          );
          const matches = new Map<string, number>();
          for (const one of calls) {
            const facts = requestFacts(one);
            for (const { name, when } of rules.rules) {
              if (when.test(facts, { attempt: () => 0 }) === true)
                matches.set(name, (matches.get(name) ?? 0) + 1);
            }
            // Facts of its own: the index may find the model in a body that nobody has parsed.
            rules.decide(requestFacts(one), atMs(0));
          }
          for (const { name, runtime } of rules.rules)
            expect([name, runtime.matches.last]).toEqual([name, matches.get(name) ?? 0]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes the model of a body that is no JSON for none', () => {
    const rules = compileRules([{ name: 'a', when: { model: 'a' }, fault: 'overloaded' }], ENV);
    const of = (text: string): string | null => {
      const body = readBody(new TextEncoder().encode(text), 'held');
      return rules.decide({ ...requestFacts(), body }, atMs(0)).rule;
    };
    expect(of('{"model":"a","stream":tru}')).toBeNull();
    expect(of('{"model":"a","stream":true}')).toBe('a');
  });

  it('the first in the file wins, not the first found', () => {
    const rules = compileRules(
      [
        { name: 'model', when: { model: 'a' }, trigger: { nth: 2 }, fault: 'overloaded' },
        { name: 'any', trigger: { nth: [2, 3] }, fault: 'overloaded' },
        { name: 'header', when: { header: { t: true } }, fault: 'overloaded' },
      ],
      ENV,
    );
    const one = { json: { model: 'a' }, headers: { t: '1' } };
    expect([1, 2, 3, 4].map(() => decide(rules, one).rule)).toEqual(['header', 'model', 'any', 'header']);
  });

  it('knows when deciding reads no body', () => {
    const rules = compileRules(
      [
        { when: { path: '/v1/messages', model: 'a' }, fault: 'overloaded' },
        { when: { path: '/x' }, fault: 'overloaded' },
      ],
      ENV,
    );
    expect(rules.readsBody(requestFacts())).toBe(true);
    expect(rules.readsBody(requestFacts({ path: '/x' }))).toBe(false);
    expect(rules.readsBody(requestFacts({ path: '/other' }))).toBe(false);
  });
});

describe('carryOver', () => {
  const kept = { name: 'kept', trigger: { first: 3 }, fault: 'overloaded' };

  it('keeps the counters of unchanged rules and the ordinal, resets the others', () => {
    const old = compileRules([kept, { name: 'changed', trigger: { first: 3 }, fault: 'overloaded' }], ENV);
    const running = decide(old);
    decide(old);
    const next = compileRules(
      [
        { name: 'new', when: { path: '/x' }, fault: 'overloaded' },
        { ...kept, description: 'why' },
        { name: 'changed', trigger: { first: 4 }, fault: 'overloaded' },
      ],
      ENV,
    );
    expect(carryOver(old, next)).toEqual(['kept']);
    expect(next.rules.map(({ name, runtime }) => [name, runtime.matches.last])).toEqual([
      ['new', 0],
      ['kept', 2],
      ['changed', 0],
    ]);
    const third = decide(next);
    expect([third.rule, third.nth, third.ordinal]).toEqual(['kept', 3, 3]);
    next.settle(running, GOOD, atMs(0));
    expect(decide(next).rule).toBe('changed');
  });

  it('keeps time zero, limits in flight, memories and attempts', () => {
    const specs = [
      { name: 'timed', trigger: { window: { from: '10s', for: '1s' } }, fault: 'overloaded' },
      { name: 'again', when: { attempt: 1 }, limit: { concurrent: 1 }, fault: 'overloaded' },
      { name: 'budget', trigger: { nth: [1, 99] }, fault: { kind: 'test-budget', tokens: 3 } },
    ];
    const call = { json: { model: 'm' } };
    const old = compileRules(specs, ENV);
    const first = decide(old, call);
    old.settle(first, { ...GOOD, status: 500 }, atMs(0));
    const running = decide(old, call);
    expect([first.rule, running.rule]).toEqual(['budget', 'again']);
    const next = compileRules(specs, { ...ENV, armedAt: 9_000 });
    carryOver(old, next);
    expect(decide(next, call, 10_500).rule).toBe('timed');
    expect(decide(next, call, 12_000).rule, 'the call of `again` still runs').toBeNull();
    next.settle(running, { ...GOOD, status: 500 }, atMs(0));
    expect(decide(next, { ...call, attempt: 1 }, 12_000).rule).toBe('again');
    expect(next.show()).toMatchObject([{}, {}, { memories: [{ left: 3 }] }]);
  });

  it('deals each number once, though calls are held across it', () => {
    const specs = [{ name: 'r', when: { model: 'm' }, fault: 'overloaded' }];
    const old = compileRules(specs, ENV);
    const next = compileRules(specs, ENV);
    const call = { json: { model: 'm' } };
    const numbers = [decide(old, call)];
    carryOver(old, next);
    // A call that came before, and whose body was held, is decided by the rules that it came to.
    numbers.push(decide(old, call), decide(next, call), decide(old, call), decide(next, call));
    expect(numbers.map(({ ordinal, nth }) => [ordinal, nth])).toEqual([1, 2, 3, 4, 5].map((n) => [n, n]));
    const facts = requestFacts(call);
    expect([old, next, old].map((rules) => rules.decideConnection(facts, atMs(0)).ordinal)).toEqual([
      0, 0, 0,
    ]);
  });

  it('another seed is another rule', () => {
    const old = compileRules([kept], ENV);
    decide(old);
    expect(carryOver(old, compileRules([kept], { ...ENV, seed: '43' }))).toEqual([]);
  });
});

describe('replayRules', () => {
  const specs = [
    {
      name: 'timed',
      trigger: { window: { for: '5s', every: '20s' }, probability: 0.5 },
      fault: 'overloaded',
    },
    {
      name: 'cool',
      when: { stream: true },
      cooldown: '3s',
      outcomes: [{ fault: 'overloaded' }, { fault: { kind: 'http-error', status: 500 } }],
    },
    {
      name: 'budgeted',
      trigger: { probability: 0.4 },
      limit: { concurrent: 2 },
      fault: { kind: 'test-draws' },
    },
  ];
  const calls = Array.from({ length: 200 }, (_, i): CallSpec => ({ json: { stream: i % 3 === 0 } }));
  const recording = (): ReturnType<ArmedRules['decide']>[] => {
    const rules = compileRules(specs, ENV);
    return calls.map((call, i) => {
      const decision = decide(rules, call, i * 700);
      if (i % 4 !== 0) rules.settle(decision, GOOD, atMs(i * 700));
      return decision;
    });
  };

  it.each(['nth', 'ordinal'] as const)('repeats what was decided by time and by load, by %s', (by) => {
    const recorded = recording();
    expect(new Set(recorded.map(({ rule }) => rule)).size).toBe(4);
    const told = recorded.map(({ rule, nth, ordinal }) => ({ rule, nth, ordinal }));
    const replay = replayRules(specs, ENV, told, { by });
    calls.forEach((call, i) => {
      const { rule, nth, ordinal, faults } = decide(replay, call, i * 13);
      const { rule: was, nth: wasNth, ordinal: wasOrdinal, faults: wereFaults } = recorded[i]!;
      expect([rule, nth, ordinal]).toEqual([was, wasNth, wasOrdinal]);
      expect(JSON.stringify(faults)).toBe(JSON.stringify(wereFaults));
    });
  });

  it.each(['nth', 'ordinal'] as const)(
    'repeats what was decided on connections, apart from calls, by %s',
    (by) => {
      const both = [
        { name: 'safe', when: { via: 'origin' }, pass: true },
        {
          name: 'cut',
          cooldown: '3s',
          trigger: { probability: 0.6 },
          fault: { kind: 'test-slow-accept', ms: 10 },
        },
        { name: 'cut-call', cooldown: '2s', fault: 'overloaded' },
      ];
      const via = (i: number) => ({ via: i % 5 === 0 ? ('origin' as const) : ('connect' as const) });
      const run = (rules: ArmedRules, everyMs: number): unknown[] =>
        Array.from({ length: 60 }, (_, i) => {
          const at = atMs(i * everyMs);
          const phases = {
            connection: rules.decideConnection(requestFacts(via(i)), at),
            exchange: rules.decide(requestFacts(via(i)), at),
          };
          return (['connection', 'exchange'] as const).map((phase) => {
            const { rule, nth, ordinal } = phases[phase];
            return { phase, rule, nth, ordinal };
          });
        });
      const recorded = run(compileRules(both, ENV), 700);
      expect(recorded.filter((one) => JSON.stringify(one).includes('cut"')).length).toBeGreaterThan(3);
      const replay = replayRules(both, ENV, recorded.flat() as RecordedDecision[], { by });
      expect(run(replay, 13)).toEqual(recorded);
    },
  );

  it('passes where the recording ends, and says so', () => {
    const replay = replayRules([specs[0]!], ENV, [{ rule: 'timed', nth: 1, ordinal: 1 }]);
    expect(decide(replay).rule).toBe('timed');
    const after = decide(replay);
    expect([after.rule, phraseText(after.why())]).toEqual([
      null,
      expect.stringContaining('its recording ends before'),
    ]);
  });

  it('refuses a recording of other rules, but not faults that clients asked for', () => {
    expect(() => replayRules(specs, ENV, [{ rule: 'gone', nth: 1, ordinal: 1 }])).toThrow(
      /made with a rule gone/,
    );
    replayRules(specs, ENV, [{ rule: 'request', nth: 1, ordinal: 1 }]);
  });
});

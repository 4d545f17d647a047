import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atMs, type CallSpec, requestFacts } from '../../../test/support/request-facts.ts';
import { phraseText } from '../phrase.ts';
import { createRandom } from '../random.ts';
import { compileRules } from './compile.ts';
import type { RuleSet } from './decision.ts';

const ENV = { seed: '42', messages: 'simulated', armedAt: 0 } as const;
const GOOD = { status: 200, complete: true, injected: false };

const flat = (probability: number, more: object = {}): object => ({
  name: 'default',
  trigger: { probability },
  fault: { kind: 'http-error', status: 429 },
  ...more,
});

/** Which rule wins each of `n` calls, `.` for none. */
function winners(rules: RuleSet, n: number, call: (i: number) => CallSpec = () => ({})): string[] {
  return Array.from({ length: n }, (_, i) => {
    const decision = rules.decide(requestFacts(call(i)), atMs(i));
    rules.settle(decision, GOOD, atMs(i));
    return decision.rule ?? '.';
  });
}

describe('the flat rule', () => {
  it.each([0.1, 0.25, 0.5, 0.75, 0.9])('injects a share of %f of 10,000 calls', (probability) => {
    const hits = winners(compileRules([flat(probability)], ENV), 10_000).filter(
      (rule) => rule !== '.',
    ).length;
    expect(Math.abs(hits / 10_000 - probability)).toBeLessThan(0.02);
  });

  it('never injects at 0 and always at 1', () => {
    expect(new Set(winners(compileRules([flat(0)], ENV), 500))).toEqual(new Set(['.']));
    expect(new Set(winners(compileRules([flat(1)], ENV), 500))).toEqual(new Set(['default']));
  });

  it('fires exactly where the published draw of its ordinal is below the probability', () => {
    const rules = compileRules([flat(0.3)], ENV);
    const random = createRandom('42', 'default');
    for (let ordinal = 1; ordinal <= 1000; ordinal++) {
      const decision = rules.decide(requestFacts(), atMs(ordinal));
      expect(decision.ordinal).toBe(ordinal);
      expect(decision.rule).toBe(random.draw(ordinal) < 0.3 ? 'default' : null);
    }
  });

  it('gives an id of the real form, the same for the same seed', () => {
    const first = compileRules([flat(1)], ENV).decide(requestFacts(), atMs(0));
    expect(first.requestId()).toBe(createRandom('42', 'default').requestId(1));
  });

  it('stops after max_errors, whatever else is drawn', () => {
    const decided = winners(compileRules([flat(0.5, { limit: { times: 3 } })], ENV), 200);
    expect(decided.filter((rule) => rule === 'default')).toHaveLength(3);
    expect(decided.slice(0, 3 + decided.lastIndexOf('default'))).toContain('default');
  });

  it('leaves other paths alone and gives them no ordinal', () => {
    const rules = compileRules([flat(1, { when: { path: '/v1/messages' } })], ENV);
    const other = rules.decide(requestFacts({ path: '/v1/models' }), atMs(0));
    expect([other.rule, other.ordinal]).toEqual([null, 0]);
    expect(rules.decide(requestFacts(), atMs(0)).ordinal).toBe(1);
  });
});

describe('determinism', () => {
  const mixed: readonly object[] = [
    { name: 'opus', when: { model: 'claude-opus-*' }, trigger: { probability: 0.3 }, fault: 'overloaded' },
    {
      name: 'bursty',
      trigger: { burst: { enter: 0.1, leave: 0.4 } },
      fault: { kind: 'http-error', status: 500 },
    },
    { name: 'third', when: { stream: true }, trigger: { every: 3 }, fault: 'overloaded' },
    {
      name: 'mixed',
      outcomes: [
        { weight: 1, fault: 'overloaded' },
        { weight: 2, pass: true },
      ],
    },
  ];
  const call = (i: number): CallSpec => ({
    json: { model: i % 2 ? 'claude-opus-4-6' : 'claude-haiku-4-5', stream: i % 3 === 0 },
  });

  it('the same seed gives the same plan, another seed another', () => {
    const plan = (seed: string): string =>
      JSON.stringify(
        Array.from({ length: 300 }, (_, i) => i).map(
          ((rules) => (i: number) => {
            const { rule, nth, faults } = rules.decide(requestFacts(call(i)), atMs(0));
            return [rule, nth, faults];
          })(compileRules(mixed, { ...ENV, seed })),
        ),
      );
    expect(plan('1')).toBe(plan('1'));
    expect(plan('1')).not.toBe(plan('2'));
  });

  it('adding, removing and reordering other rules changes no draw of a rule', () => {
    const opus = mixed[0]!;
    /** On which of its own matches the rule would fire, seen where it goes first. */
    const firings = (specs: readonly object[]): number[] => {
      const rules = compileRules(specs, ENV);
      const fired: number[] = [];
      for (let i = 0; i < 400; i++) {
        const decision = rules.decide(requestFacts(call(i)), atMs(0));
        if (decision.rule === 'opus') fired.push(decision.nth);
      }
      return fired;
    };
    const alone = firings([opus]);
    expect(alone.length).toBeGreaterThan(20);
    expect(firings([opus, mixed[1]!, mixed[2]!])).toEqual(alone);
    expect(firings([opus, mixed[2]!, mixed[3]!])).toEqual(alone);
    // Behind others it wins less often, but never on another match than alone.
    const behind = firings([mixed[2]!, mixed[1]!, opus]);
    expect(behind.length).toBeLessThan(alone.length);
    expect(alone).toEqual(expect.arrayContaining(behind));
  });

  it('does not depend on how many calls are in flight', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 10, 100), fc.infiniteStream(fc.nat()), (width, picks) => {
        const rules = compileRules(mixed, ENV);
        const serial = compileRules(mixed, ENV);
        const open: (() => void)[] = [];
        for (let i = 0; i < 300; i++) {
          const decision = rules.decide(requestFacts(call(i)), atMs(i));
          const expected = serial.decide(requestFacts(call(i)), atMs(0));
          serial.settle(expected, GOOD, atMs(0));
          expect([decision.rule, decision.nth, decision.ordinal]).toEqual([
            expected.rule,
            expected.nth,
            expected.ordinal,
          ]);
          open.push(() => rules.settle(decision, GOOD, atMs(i)));
          if (open.length >= width) open.splice(picks.next().value % open.length, 1)[0]!();
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('who wins', () => {
  it('the first rule that matches and fires; every rule counts what it matches', () => {
    const rules = compileRules(
      [
        { name: 'a', trigger: { nth: [2] }, fault: 'overloaded' },
        { name: 'b', trigger: { nth: [2, 3] }, fault: 'overloaded' },
      ],
      ENV,
    );
    // b's second match went to a: it is spent.
    expect(winners(rules, 4)).toEqual(['.', 'a', 'b', '.']);
  });

  it('pass protects', () => {
    const rules = compileRules(
      [
        { name: 'safe', when: { path: '/v1/models' }, pass: true },
        { name: 'all', fault: 'overloaded' },
      ],
      ENV,
    );
    const safe = rules.decide(requestFacts({ path: '/v1/models' }), atMs(0));
    expect([safe.rule, safe.faults]).toEqual(['safe', []]);
    expect(rules.decide(requestFacts(), atMs(0)).faults).toHaveLength(1);
  });

  it('faults add up, in order', () => {
    const rules = compileRules([{ faults: [{ kind: 'latency', delay: '1s' }, 'overloaded'] }], ENV);
    const { faults } = rules.decide(requestFacts(), atMs(0));
    expect(faults.map(({ kind }) => kind)).toEqual(['latency', 'http-error']);
    expect(faults[0]!.effects).toEqual([{ do: 'delay', at: 'request', ms: 1000 }]);
  });

  it('outcomes share one roll by weight', () => {
    const rules = compileRules(
      [
        {
          outcomes: [
            { weight: 3, fault: { kind: 'http-error', status: 500 } },
            { fault: 'overloaded' },
            { weight: 6, pass: true },
          ],
        },
      ],
      ENV,
    );
    const counts: Record<string, number> = {};
    for (let i = 0; i < 10_000; i++) {
      const [effect] = rules.decide(requestFacts(), atMs(0)).faults[0]?.effects ?? [];
      const key = effect?.do === 'respond' ? String(effect.status) : 'pass';
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(counts['500']! / 10_000).toBeCloseTo(0.3, 1);
    expect(counts['529']! / 10_000).toBeCloseTo(0.1, 1);
    expect(counts.pass! / 10_000).toBeCloseTo(0.6, 1);
  });
});

describe('limits', () => {
  it('times counts acts, per client where asked', () => {
    const rules = compileRules([{ name: 'r', limit: { times: 2, per: 'client' }, fault: 'overloaded' }], ENV);
    const clients = ['a', 'a', 'b', 'a', 'b', 'b'];
    expect(winners(rules, 6, (i) => ({ client: clients[i]! }))).toEqual(['r', 'r', 'r', '.', 'r', '.']);
  });

  it('concurrent frees its place when the call has ended, and the next rule may act meanwhile', () => {
    const rules = compileRules(
      [
        { name: 'one', limit: { concurrent: 1 }, fault: 'overloaded' },
        { name: 'next', trigger: { first: 2 }, fault: 'overloaded' },
      ],
      ENV,
    );
    const first = rules.decide(requestFacts(), atMs(0));
    const second = rules.decide(requestFacts(), atMs(0));
    expect([first.rule, second.rule]).toEqual(['one', 'next']);
    expect(phraseText(rules.decide(requestFacts(), atMs(0)).why())).toContain('1 of its calls are running');
    rules.settle(first, GOOD, atMs(1));
    expect(rules.decide(requestFacts(), atMs(1)).rule).toBe('one');
  });

  it('cooldown rests after each act', () => {
    const rules = compileRules([{ name: 'r', cooldown: '1s', fault: 'overloaded' }], ENV);
    const at = [0, 500, 999, 1000, 1500, 2000].map((ms) => rules.decide(requestFacts(), atMs(ms)).rule);
    expect(at).toEqual(['r', null, null, 'r', null, 'r']);
  });

  it('time scale shortens what is written', () => {
    const rules = compileRules([{ name: 'r', cooldown: '10s', fault: 'overloaded' }], {
      ...ENV,
      timeScale: 0.1,
    });
    expect([0, 999, 1000].map((ms) => rules.decide(requestFacts(), atMs(ms)).rule)).toEqual(['r', null, 'r']);
  });
});

describe('attempts', () => {
  const spec = [{ name: 'again', when: { attempt: { min: 1 } }, fault: 'overloaded' }];
  const call = { json: { model: 'm', messages: [1] } };

  it('believes the header when it is above 0', () => {
    const rules = compileRules(spec, ENV);
    expect(rules.decide(requestFacts({ ...call, attempt: 1 }), atMs(0)).rule).toBe('again');
    expect(rules.decide(requestFacts(call), atMs(0)).rule).toBeNull();
  });

  it('else knows the same key and body after a failure, until it succeeds', () => {
    const rules = compileRules(spec, ENV);
    const outcome = (status: number): object => ({ status, complete: true, injected: true });
    const seen = [529, 529, 200, 200].map((status) => {
      const decision = rules.decide(requestFacts(call), atMs(0));
      rules.settle(decision, outcome(status) as typeof GOOD, atMs(0));
      return decision.attempt;
    });
    expect(seen).toEqual([0, 1, 2, 0]);
  });

  it('tells other keys and bodies apart', () => {
    const rules = compileRules(spec, ENV);
    rules.settle(rules.decide(requestFacts(call), atMs(0)), { ...GOOD, status: 500 }, atMs(0));
    expect(rules.decide(requestFacts({ ...call, client: 'other' }), atMs(0)).attempt).toBe(0);
    expect(rules.decide(requestFacts({ json: { model: 'n' } }), atMs(0)).attempt).toBe(0);
    expect(rules.decide(requestFacts(call), atMs(0)).attempt).toBe(1);
  });

  it('needs the body only where a rule asks', () => {
    expect(compileRules(spec, ENV).needs.body).toBe(true);
    expect(compileRules([flat(0.5)], ENV).needs).toEqual({ body: false, connection: false, usage: false });
  });
});

/** max_errors and only_path around all rules of a file. */
import { describe, expect, it } from 'vitest';
import { boundRules, carryBounds } from '../../src/config/bounded-rules.ts';
import { phraseText } from '../../src/core/phrase.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { type Decision, faultKinds, PASS, type RuleSet } from '../../src/core/rules/decision.ts';
import { requestFacts } from '../support/request-facts.ts';

const AT = { now: 0, wall: 0 };

/** Injects into every call, and notes what it hears. */
function everyCall() {
  const settled: Decision[] = [];
  let ordinal = 0;
  const decide = (): Decision => ({
    ...PASS,
    rule: 'all',
    ordinal: ++ordinal,
    faults: [{ kind: 'http-error', effects: [] }],
  });
  const rules: RuleSet = {
    seed: '1',
    needs: { body: false, connection: true, usage: false },
    decide,
    decideConnection: decide,
    settle: (decision) => settled.push(decision),
  };
  return { rules, settled };
}

const call = (path: string) => requestFacts({ path });
const faults = (decision: Decision) => decision.faults.length;

describe('bounds', () => {
  it('are nothing where none are set', () => {
    const { rules } = everyCall();
    expect(boundRules(rules, { maxErrors: undefined, onlyPath: undefined })).toBe(rules);
  });

  it('let all calls pass after so many errors, whatever the phase, and say why', () => {
    const { rules, settled } = everyCall();
    const bounded = boundRules(rules, { maxErrors: 2, onlyPath: undefined });
    const decisions = [bounded.decide(call('/a'), AT), bounded.decideConnection(call('/a'), AT)];
    for (const decision of decisions) bounded.tookHold?.(decision, true);
    decisions.push(bounded.decide(call('/a'), AT), bounded.decideConnection(call('/a'), AT));
    expect(decisions.map(faults)).toEqual([1, 1, 0, 0]);
    expect(phraseText(decisions[2]!.why())).toContain('2 errors were injected');
    for (const decision of decisions)
      bounded.settle(decision, { status: 200, complete: true, injected: false }, AT);
    expect(settled).toEqual(decisions.slice(0, 2));
  });

  it('give back what did not take hold, and never let more through at once', () => {
    const { rules, settled } = everyCall();
    const held: [Decision, boolean][] = [];
    rules.tookHold = (decision, did) => held.push([decision, did]);
    const bounded = boundRules(rules, { maxErrors: 2, onlyPath: undefined });
    const next = (): Decision => bounded.decide(call('/a'), AT);
    const [first, second, third] = [next(), next(), next()];
    expect([first, second, third].map(faults)).toEqual([1, 1, 0]);
    expect([third.rule, phraseText(third.why())]).toEqual([
      null,
      'max_errors: 2 errors are injected or under way, so this call passes',
    ]);
    expect(third.ordinal, 'the rules have counted it').toBe(3);
    bounded.tookHold?.(first, false);
    bounded.tookHold?.(first, false);
    const [fourth, fifth] = [next(), next()];
    expect([fourth, fifth].map(faults)).toEqual([1, 0]);
    bounded.tookHold?.(second, true);
    bounded.tookHold?.(fourth, true);
    const last = next();
    expect([last.ordinal, phraseText(last.why())]).toEqual([0, expect.stringContaining('were injected')]);
    // What the rules planned in vain is theirs to settle, as the call that passed.
    bounded.settle(third, { status: 200, complete: true, injected: false }, AT);
    expect(settled).toMatchObject([{ ordinal: 3, faults: [{ kind: 'http-error' }] }]);
    expect(held.filter(([, did]) => !did).map(([{ ordinal }]) => ordinal)).toEqual([3, 1, 1, 5]);
  });

  it('keep across a reload what is spent and what is under way', () => {
    const bound = (maxErrors: number): RuleSet =>
      boundRules(everyCall().rules, { maxErrors, onlyPath: undefined });
    const old = bound(1);
    const running = old.decide(call('/a'), AT);
    const next = bound(1);
    carryBounds(old, next);
    expect(faults(next.decide(call('/a'), AT))).toBe(0);
    // Its call is told of to the rules that decided on it.
    old.tookHold?.(running, false);
    expect(faults(next.decide(call('/a'), AT))).toBe(1);
    const other = bound(2);
    carryBounds(next, other);
    expect([1, 2, 3].map(() => faults(other.decide(call('/a'), AT)))).toEqual([1, 1, 0]);
  });

  it('count no call that a rate limit lets pass', () => {
    const rules = compileRules([{ fault: { kind: 'rate-limit', requests_per_minute: 2 } }], {
      seed: '1',
      messages: 'real',
    });
    const bounded = boundRules(rules, { maxErrors: 1, onlyPath: undefined });
    const kinds = Array.from({ length: 5 }, () => faultKinds(bounded.decide(call('/v1/messages'), AT)));
    expect(kinds).toEqual([[], [], ['rate-limit'], [], []]);
  });

  it('never let one fail with max_errors 0', () => {
    const bounded = boundRules(everyCall().rules, { maxErrors: 0, onlyPath: undefined });
    expect(faults(bounded.decide(call('/a'), AT))).toBe(0);
  });

  it('keep other paths from the rules: they take no ordinal', () => {
    const { rules, settled } = everyCall();
    const bounded = boundRules(rules, { maxErrors: undefined, onlyPath: '/v1/*' });
    const decisions = ['/v1/messages', '/api/hello', '/v1/models'].map((path) =>
      bounded.decide(call(path), AT),
    );
    expect(decisions.map(({ ordinal }) => ordinal)).toEqual([1, 0, 2]);
    bounded.settle(decisions[1]!, { status: 200, complete: true, injected: false }, AT);
    expect(settled).toEqual([]);
    expect(phraseText(decisions[1]!.why())).toContain('/v1/*');
  });
});

/** Rules in a store: changed by name while the proxy runs, each change whole, and gone when their time is over. */
import { describe, expect, it } from 'vitest';
import { RuleStore } from '../../src/app/rule-store.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import type { RuleSet } from '../../src/core/rules/decision.ts';
import { EventBus } from '../../src/observe/bus.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testProxy } from '../support/proxy.ts';
import { atMs, requestFacts } from '../support/request-facts.ts';

const OVERLOADED = { fault: 'overloaded' };
const rejected = (status: number, more: object = {}) => ({ fault: { kind: 'http-error', status }, ...more });

/** A store, and one who uses it: what it was given and what was told. */
function used(rules: readonly unknown[], options: ConstructorParameters<typeof RuleStore>[1] = {}) {
  const clock = new FakeClock();
  const store = new RuleStore(rules, { seed: '42', clock, ...options });
  const bus = new EventBus();
  const told: ProxyEvent[] = [];
  bus.subscribe((event) => told.push(event));
  const given: RuleSet[] = [];
  const detach = store.attach({ replaceRules: (next) => given.push(next), sink: bus });
  const decide = () => given.at(-1)!.decide(requestFacts(), atMs(clock.now()));
  const names = () =>
    told.map((event) => (event.type === 'rules.armed' ? event.rules.join(' ') : event.type));
  return { clock, store, given, detach, decide, names };
}

describe('a rule store', () => {
  it('arms a rule before the others, replaces the one of its name, and removes it', () => {
    const { store, decide, names } = used([{ name: 'busy', ...OVERLOADED }]);
    expect(decide().rule).toBe('busy');
    expect(store.arm({ name: 'outage', ...rejected(500) })).toBe('outage');
    expect(decide().rule).toBe('outage');
    expect(store.arm({ name: 'busy', ...rejected(429) })).toBe('busy');
    expect(store.list().map(({ name }) => name)).toEqual(['outage', 'busy']);
    expect(store.remove('outage')).toBe(true);
    expect(store.remove('outage')).toBe(false);
    expect(decide().faults[0]?.effects[0]).toMatchObject({ do: 'respond', status: 429 });
    expect(names()).toEqual(['busy', 'outage busy', 'outage busy', 'busy']);
  });

  it('keeps the counts of rules that stay', () => {
    const { store, decide } = used([{ name: 'twice', trigger: { first: 2 }, ...OVERLOADED }]);
    expect(decide().rule).toBe('twice');
    store.arm({ name: 'never', trigger: { nth: 99 }, ...OVERLOADED }, { at: 'last' });
    expect([decide().nth, decide().rule]).toEqual([2, null]);
  });

  it('keeps the names of unnamed rules when one is put before them, and so their counts and draws', () => {
    const first = rejected(500, { trigger: { first: 2 } });
    const half = rejected(501, { trigger: { every: 2 } });
    const { store, decide } = used([first, half, half]);
    expect(decide()).toMatchObject({ rule: 'http-error-1', nth: 1 });
    expect(store.arm(rejected(502, { trigger: { nth: 9 } }))).toBe('http-error-4');
    expect(store.names).toEqual(['http-error-4', 'http-error-1', 'http-error-2', 'http-error-3']);
    expect(decide()).toMatchObject({ rule: 'http-error-1', nth: 2 });
    const kept = store.replace([rejected(503, { trigger: { nth: 9 } }), first, half]);
    expect(store.names).toEqual(['http-error-3', 'http-error-1', 'http-error-2']);
    expect(kept).toEqual(['http-error-1', 'http-error-2']);
    expect(decide()).toMatchObject({ rule: null });
    expect(decide()).toMatchObject({ rule: 'http-error-2', nth: 4 });
  });

  it('gives a new rule the name that it asks for, though an unnamed one had it', () => {
    const { store } = used([rejected(500)]);
    store.arm({ name: 'http-error-1', ...rejected(501) }, { at: 'last' });
    // That one stands in the place of the one whose name it took.
    expect(store.list()).toEqual([
      { name: 'http-error-1', rule: { name: 'http-error-1', ...rejected(501) } },
    ]);
    const first = rejected(500, { trigger: { first: 1 } });
    store.replace([first, { name: 'http-error-2', ...rejected(501) }]);
    store.replace([first, { name: 'http-error-1', ...rejected(501) }]);
    expect(store.names).toEqual(['http-error-2', 'http-error-1']);
  });

  it('changes nothing when a rule is refused', () => {
    const { store, given, names } = used([{ name: 'busy', ...OVERLOADED }]);
    expect(() => store.arm({ fault: 'overlaoded' })).toThrow('unknown fault "overlaoded"');
    expect(() => store.arm(OVERLOADED, { ttl: '30' })).toThrow('ttl "30" is no duration: write a number and');
    expect(() =>
      store.replace([
        { name: 'a', ...OVERLOADED },
        { name: 'a', ...OVERLOADED },
      ]),
    ).toThrow(/called a/);
    expect(() => store.arm(null)).toThrow();
    expect(given).toEqual([store.current]);
    expect(names()).toEqual(['busy']);
  });

  it('removes rules when their time is over, and tells it', () => {
    const { clock, store, decide, names } = used([{ name: 'stays', ...rejected(500) }]);
    store.arm({ name: 'short', ...OVERLOADED }, { ttl: '10s' });
    store.arm({ name: 'shorter', ...OVERLOADED }, { ttl: '4s' });
    clock.advance(3_999);
    expect(decide().rule).toBe('shorter');
    expect(store.list().map(({ expiresIn }) => expiresIn)).toEqual([1, 6_001, undefined]);
    clock.advance(1);
    expect(decide().rule).toBe('short');
    // Armed anew, its time begins anew.
    store.arm({ name: 'short', ...OVERLOADED }, { ttl: '10s' });
    clock.advance(6_000);
    expect(decide().rule).toBe('short');
    clock.advance(4_000);
    expect(decide().rule).toBe('stays');
    expect(names().slice(3)).toEqual(['short stays', 'short stays', 'stays']);
    expect(clock.pending).toBe(0);
  });

  it('has no timer while nobody decides by it, and then expires before it is used', () => {
    const { clock, store, detach } = used([]);
    store.arm({ name: 'short', ...OVERLOADED }, { ttl: '10s' });
    expect(clock.pending).toBe(1);
    detach();
    expect(clock.pending).toBe(0);
    clock.advance(10_000);
    const given: RuleSet[] = [];
    store.attach({ replaceRules: (next) => given.push(next) });
    expect(given).toEqual([store.current]);
    expect(store.names).toEqual([]);
  });

  it('keeps what was spent of max_errors over each change', () => {
    const bounds = { maxErrors: 2, onlyPath: undefined };
    const { store, decide } = used([OVERLOADED], { bounds });
    const spend = () => {
      const decision = decide();
      store.current.tookHold?.(decision, true);
      return decision.faults.length;
    };
    expect(spend()).toBe(1);
    store.arm({ name: 'other', ...rejected(500) });
    expect([spend(), spend()]).toEqual([1, 0]);
  });
});

describe('a proxy with a rule store', () => {
  it('decides new calls by the rules as they are, and expires them by its clock', async () => {
    const clock = new FakeClock();
    const rules = new RuleStore([], { clock });
    const proxy = await testProxy({ rules, upstream: { kind: 'url', url: new URL('http://127.0.0.1:9') } });
    const ask = async () => {
      const answer = await fetch(`${proxy.url}/v1/messages`, { method: 'POST', body: '{}' });
      return `${answer.status} ${answer.headers.get('x-injected-fault')}`;
    };
    rules.arm({ name: 'outage', ...rejected(529) }, { ttl: '1m' });
    expect(await ask()).toBe('529 outage/http-error');
    clock.advance(60_000);
    expect(await ask()).toBe('502 null');
    await proxy.close(0);
    expect(proxy.events.filter(({ type }) => type === 'rules.armed')).toMatchObject([
      { rules: ['outage'], seed: rules.current.seed },
      { rules: [] },
    ]);
  });
});

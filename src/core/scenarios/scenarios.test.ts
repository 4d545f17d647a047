/** Every scenario: what it says of itself holds for the rules that come of it. */
import { describe, expect, it } from 'vitest';
import { requestFacts } from '../../../test/support/request-facts.ts';
import { faultCatalogue } from '../faults/catalogue.ts';
import { compileRules } from '../rules/compile.ts';
import type { ArmedRules } from '../rules/rule-set.ts';
import { scenarios } from './all.ts';
import { findScenario, scenarioRules } from './find-scenario.ts';
import type { Scenario } from './scenario.ts';
import { phaseOfRule, rulesOfScenario, timeline } from './scenario-rules.ts';

const MODEL = 'claude-opus-4-5';
const CALLS = {
  'a streamed message': { json: { model: MODEL, stream: true, messages: [] } },
  'a whole message': { json: { model: MODEL, messages: [] } },
  'a message to another model': { json: { model: 'claude-haiku-4-5', messages: [] } },
  'a list of models': { method: 'GET', path: '/v1/models' },
};
const NAMES = scenarios.map(({ name }) => name);
/** Phases without an end are looked at for so long. */
const LAST_MS = 60_000;

function arm(scenario: Scenario, { seed = '42', timeScale = 1 } = {}): ArmedRules {
  return compileRules(rulesOfScenario(scenario), { seed, timeScale, messages: 'real', armedAt: 0 });
}

/** Decisions on calls spread evenly over the whole scenario. */
function course(rules: ArmedRules, scenario: Scenario, count: number, scale = 1) {
  const { from } = timeline(scenario).at(-1)!;
  return Array.from({ length: count }, (_, i) => {
    const now = (((from + LAST_MS) * i) / count) * scale;
    const call = requestFacts(Object.values(CALLS)[i % 2]);
    const { rule, faults, nth } = rules.decide(call, { now, wall: 1_000_000 });
    const effects = faults.flatMap((fault) => fault.effects);
    return { rule, nth, faults: faults.map(({ kind }) => kind), what: effects.map((effect) => effect.do) };
  });
}

it('are the twelve that were reported, and five sorts of weather', () => {
  expect(new Set(NAMES).size).toBe(17);
  expect(scenarios.filter(({ sources }) => sources.length > 0)).toHaveLength(12);
  expect(NAMES.slice(12)).toEqual(['healthy', 'flaky', 'brownout', 'blackout', 'worst-day']);
});

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
  it('has a name, phases of which the last alone has no end, and says what a good client does', () => {
    expect(scenario.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(scenario.phases.map((phase) => phase.for === undefined).lastIndexOf(false)).toBe(
      scenario.phases.length - 2,
    );
    expect(scenario.phases.at(-1)?.for).toBeUndefined();
    expect(new Set(scenario.phases.map(({ name }) => name)).size).toBe(scenario.phases.length);
    for (const text of [scenario.summary, scenario.goodClient, scenario.chosen]) expect(text).toMatch(/\.$/);
    for (const { name, summary } of scenario.phases) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(summary).toMatch(/\.$/);
    }
    expect(scenario.story === undefined).toBe(scenario.sources.length === 0);
    for (const { url } of scenario.sources) expect(url).toMatch(/^https:\/\//);
  });

  it.each(Object.entries(CALLS))('tells the phase of %s at any time', (_what, call) => {
    const rules = arm(scenario);
    const facts = requestFacts(call);
    const phaseAt = (now: number): string | undefined =>
      phaseOfRule(rules.decide(facts, { now, wall: 0 }).rule ?? 'none', scenario);
    const begin = 5_000; // not when the rules were armed
    for (const { phase, from, to } of timeline(scenario)) {
      expect(phaseAt(begin + from), 'its first moment').toBe(phase.name);
      expect(phaseAt(begin + Math.min(to - 1, from + LAST_MS)), 'its last moment').toBe(phase.name);
    }
  });

  it('repeats with the seed, at any time scale, and only with it', () => {
    const first = course(arm(scenario), scenario, 400);
    expect(course(arm(scenario), scenario, 400)).toEqual(first);
    expect(course(arm(scenario, { timeScale: 0.01 }), scenario, 400, 0.01)).toEqual(first);
    // Two faults of one kind that differ in where they act look alike here.
    const drawn = arm(scenario).rules.some(
      ({ outcomes }) => new Set(outcomes.map(({ faults }) => faults.map(({ kind }) => kind).join())).size > 1,
    );
    if (drawn) expect(course(arm(scenario, { seed: '43' }), scenario, 400)).not.toEqual(first);
  });

  it('shows every fault that it speaks of', () => {
    const planned = new Set(
      course(arm(scenario), scenario, 4_000).flatMap(({ rule, faults }) => [rule, ...faults]),
    );
    for (const rule of arm(scenario).rules) {
      if (rule.phase === 'connection') continue;
      const takesModels = rule.name.endsWith('.other') || rule.name.endsWith('large-bodies');
      if (!takesModels) expect(planned, rule.name).toContain(rule.name);
      for (const { faults } of takesModels ? [] : rule.outcomes)
        for (const { kind } of faults) expect(planned, `${kind} of ${rule.name}`).toContain(kind);
    }
  });
});

describe('shares', () => {
  const shareIn = (name: string, phase: string, count = 4_000): number => {
    const scenario = findScenario(name);
    const seen = course(arm(scenario), scenario, count).filter(
      ({ rule }) => phaseOfRule(rule ?? '', scenario) === phase,
    );
    return seen.filter(({ faults }) => faults.length > 0).length / seen.length;
  };

  it.each([
    ['overload-burst', 'burst', 0.6],
    ['overload-burst', 'recovered', 0],
    ['server-errors', 'outage', 1],
    ['server-errors', 'tail', 0.2],
    ['spend-cap', 'capped', 1],
    ['edge-failures', 'outage', 1],
    ['connection-resets', 'resets', 0.2],
    ['auth-outage', 'outage', 1],
    ['auth-outage', 'healed', 0],
    ['healthy', 'healthy', 0],
    ['flaky', 'flaky', 0.1],
    ['brownout', 'overloaded', 1],
    ['worst-day', 'all-day', 0.67],
  ])('%s, %s: %d of the calls', (name, phase, share) => {
    expect(shareIn(name, phase)).toBeCloseTo(share, 1);
  });
});

describe('brownout', () => {
  it('eases evenly, from two in five overloaded to none', () => {
    const scenario = findScenario('brownout');
    const rules = arm(scenario);
    const [, , easing] = timeline(scenario);
    const length = easing!.to - easing!.from;
    const first = rules.decide(requestFacts(), { now: 0, wall: 0 });
    expect(first.rule).toBe('brownout.slow');
    const overloaded = Array.from({ length: 3_000 }, (_, i) => {
      const now = easing!.from + (length * i) / 3_000;
      return rules.decide(requestFacts(), { now, wall: 0 }).rule === 'brownout.easing.overloaded' ? 1 : 0;
    });
    const share = (from: number, to: number): number =>
      overloaded.slice(from, to).reduce<number>((sum, one) => sum + one, 0) / (to - from);
    expect(share(0, 600)).toBeCloseTo(0.36, 1);
    expect(share(1_200, 1_800)).toBeCloseTo(0.2, 1);
    expect(share(2_400, 3_000)).toBeCloseTo(0.04, 1);
  });
});

describe('overload-in-stream', () => {
  it('lets the attempt after a broken one pass', () => {
    const rules = arm(findScenario('overload-in-stream'));
    const facts = requestFacts(CALLS['a streamed message']);
    const broken = Array.from(
      { length: 60 },
      () => rules.decide(facts, { now: 0, wall: 0 }).faults.length > 0,
    );
    expect(broken.filter(Boolean)).toHaveLength(20);
    expect(broken.some((one, i) => one && broken[i + 1])).toBe(false);
  });
});

describe('cloudflare-timeouts', () => {
  it.each([
    ['223999', 'cloudflare-timeouts.large-bodies.other'],
    ['224000', 'cloudflare-timeouts.large-bodies'],
    ['229999', 'cloudflare-timeouts.large-bodies'],
    ['301000', 'cloudflare-timeouts.large-bodies'],
    ['1000000', 'cloudflare-timeouts.large-bodies'],
    ['99999', 'cloudflare-timeouts.large-bodies.other'],
  ])('takes a body of %s bytes by rule %s', (length, rule) => {
    const facts = requestFacts({ headers: { 'content-length': length } });
    expect(arm(findScenario('cloudflare-timeouts')).decide(facts, { now: 0, wall: 0 }).rule).toBe(rule);
  });
});

describe('worst-day', () => {
  it('has every fault that there is', () => {
    const rules = arm(findScenario('worst-day'));
    const kinds = rules.rules.flatMap(({ outcomes }) => outcomes.flatMap(({ faults }) => faults));
    expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(faultCatalogue.keys()));
  });
});

describe('with rules of the user', () => {
  it('takes what they leave', () => {
    const mine = { name: 'mine', when: { path: '/v1/models' }, fault: 'not-found' };
    const rules = compileRules([mine, ...scenarioRules('server-errors')], { seed: '1', messages: 'real' });
    const rule = (path: string) => rules.decide(requestFacts({ path }), { now: 0, wall: 0 }).rule;
    expect([rule('/v1/models'), rule('/v1/messages')]).toEqual(['mine', 'server-errors.outage']);
  });

  it('refuses rules that leave it nothing', () => {
    const mine = { name: 'mine', fault: 'overloaded' };
    expect(() => compileRules([mine, ...scenarioRules('healthy')], { seed: '1', messages: 'real' })).toThrow(
      /rule healthy\.healthy can never act: rule mine above it takes every call/,
    );
  });
});

it('names the nearest scenario', () => {
  expect(() => findScenario('worst_dya')).toThrow(
    'there is no scenario "worst_dya". Did you mean worst-day?',
  );
  expect(() => findScenario('xyzzy')).toThrow(/There are overload-burst, .* and worst-day\.$/);
});

/** What a rate limit does in time: early retries, growth, time scale, replay. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arm, end, facts, headersOf, passes, refusal } from '../../../test/support/rate-limited.ts';
import { atMs } from '../../../test/support/request-facts.ts';
import { phraseText } from '../phrase.ts';
import { compileRules } from '../rules/compile.ts';
import { faultKinds, type Usage } from '../rules/decision.ts';
import { replayRules } from '../rules/replay.ts';
import type { ArmedRules } from '../rules/rule-set.ts';
import { warningsFor } from '../rules/warnings.ts';

describe('an early retry', () => {
  const params = { requests_per_minute: 60, burst: '1s', early_retry_penalty: '10s' };
  const wait = (armed: ArmedRules, ms: number) =>
    Number(headersOf(refusal(armed.decide(facts({}), atMs(ms))))['retry-after']);

  test('pushes back the time at which a call is let in', () => {
    const armed = arm(params);
    passes(armed.decide(facts({}), atMs(0)));
    expect(wait(armed, 0)).toBe(1);
    expect(wait(armed, 500)).toBe(11); // 0.5 s left, 10 s on top
    expect(wait(armed, 5_000)).toBe(16); // 6 s left, 10 s on top
    const late = armed.decide(facts({}), atMs(20_999));
    expect(phraseText(late.why())).toContain('it comes before the time that the last 429 told');
    refusal(late);
    passes(armed.decide(facts({}), atMs(31_000)));
  });

  test('never pushes it back by more than ten minutes', () => {
    const armed = arm(params);
    passes(armed.decide(facts({}), atMs(0)));
    for (let i = 0; i < 200; i++) refusal(armed.decide(facts({}), atMs(0)));
    expect(wait(armed, 0)).toBe(600);
  });

  test('costs nothing where it is not punished', () => {
    const armed = arm({ ...params, early_retry_penalty: undefined });
    passes(armed.decide(facts({}), atMs(0)));
    for (const ms of [0, 300, 900]) expect(wait(armed, ms)).toBe(1);
    passes(armed.decide(facts({}), atMs(1_000)));
  });
});

describe('acceleration', () => {
  const params = { acceleration: { requests: 2, growth: 3, window: '10s' } };
  const admitted = (armed: ArmedRules, ms: number, calls: number): number =>
    Array.from({ length: calls }, () => armed.decide(facts({}), atMs(ms))).filter(
      (decision) => faultKinds(decision).length === 0,
    ).length;

  test('each window allows so many times the calls of the one before', () => {
    const armed = arm(params);
    expect(admitted(armed, 0, 50)).toBe(2);
    expect(admitted(armed, 10_000, 50)).toBe(6);
    expect(admitted(armed, 20_000, 4)).toBe(4);
    expect(admitted(armed, 30_000, 50)).toBe(12);
    // An idle window: from the start again.
    expect(admitted(armed, 50_000, 50)).toBe(2);
  });

  test('counts as a list of all calls let in would', () => {
    const gaps = fc.array(fc.nat({ max: 6_000 }), { maxLength: 120 });
    const shape = fc.record({
      requests: fc.integer({ min: 1, max: 4 }),
      growth: fc.constantFrom(1, 1.5, 3),
      window: fc.constantFrom(1_000, 7_000),
    });
    fc.assert(
      fc.property(gaps, shape, (list, { requests, growth, window }) => {
        const armed = arm({ acceleration: { requests, growth, window: `${window}ms` } });
        const admittedIn: number[] = [];
        let first: number | undefined;
        let now = 0;
        for (const gap of list) {
          now += gap;
          first ??= now;
          const at = Math.floor((now - first) / window);
          const most = Math.max(requests, Math.floor(growth * (admittedIn[at - 1] ?? 0)));
          const fits = (admittedIn[at] ?? 0) < most;
          const decision = armed.decide(facts({}), atMs(now));
          expect(faultKinds(decision).length === 0).toBe(fits);
          if (fits) admittedIn[at] = (admittedIn[at] ?? 0) + 1;
          else {
            const wait = first + (at + 1) * window - now;
            expect(headersOf(refusal(decision))['retry-after']).toBe(String(Math.ceil(wait / 1000)));
          }
        }
      }),
    );
  });

  test('its 429 is a coded one that tells when the next window begins', () => {
    const armed = arm(params);
    expect(admitted(armed, 0, 2)).toBe(2);
    const effect = refusal(armed.decide(facts({}), atMs(3_500)));
    expect(headersOf(effect)['retry-after']).toBe('7');
    expect(JSON.parse(String(effect.body)).error.details).toEqual({ error_code: 'ramp_limit_exceeded' });
    expect(Object.keys(headersOf(effect)).some((name) => name.startsWith('anthropic-ratelimit'))).toBe(false);
  });
});

test('time scale: a minute of limits passes in six seconds, and headers tell real time', () => {
  const armed = arm({ requests_per_minute: 1 }, { timeScale: 0.1 });
  const headers = passes(armed.decide(facts({}), atMs(0)));
  expect(headers['anthropic-ratelimit-requests-reset']).toBe('2026-05-28T20:26:46Z');
  expect(headersOf(refusal(armed.decide(facts({}), atMs(1_000))))['retry-after']).toBe('5');
  passes(armed.decide(facts({}), atMs(6_000)));
});

describe('a replay', () => {
  const params = { requests_per_minute: 6, input_tokens_per_minute: 200, output_tokens_per_minute: 100 };
  const specs = [{ name: 'limits', fault: { kind: 'rate-limit', ...params } }];
  const env = { seed: '1', messages: 'real', armedAt: 0 } as const;
  const pattern = (rules: ArmedRules, gapMs: number, usage: Partial<Usage>) =>
    Array.from({ length: 60 }, (_, i) => {
      const decision = rules.decide(facts({ input: 1 + (i % 90) }), atMs(i * gapMs));
      const faults = faultKinds(decision);
      if (faults.length === 0) end(rules, decision, i * gapMs, usage);
      else refusal(decision);
      return { rule: decision.rule, nth: decision.nth, ordinal: decision.ordinal, faults };
    });

  test.each(['nth', 'ordinal'] as const)(
    'refuses the calls that were refused, by %s, at any other pace',
    (by) => {
      const recorded = pattern(compileRules(specs, env), 3_000, { inputTokens: 40, outputTokens: 9 });
      const refused = recorded.map(({ faults }) => faults.length);
      expect(new Set(refused)).toEqual(new Set([0, 1]));
      for (const [gap, usage] of [
        [0, { inputTokens: 999, outputTokens: 999 }],
        [600_000, {}],
      ] as const) {
        const again = pattern(replayRules(specs, env, recorded, { by }), gap, usage);
        expect(again.map(({ faults }) => faults.length)).toEqual(refused);
      }
    },
  );

  test('of a log that does not tell the faults decides by its own buckets', () => {
    const recorded = Array.from({ length: 60 }, (_, i) => ({ rule: 'limits', nth: i + 1, ordinal: i + 1 }));
    const live = pattern(compileRules(specs, env), 3_000, {});
    expect(pattern(replayRules(specs, env, recorded), 3_000, {})).toEqual(live);
  });
});

test('check says that the seed does not repeat it, and why a rule below never acts', () => {
  const [warning] = warningsFor(arm({ requests_per_minute: 1 }).rules);
  expect(warning?.message).toBe(
    'what rate-limit does depends on time and on earlier calls: the same seed does not promise the same decisions; --replay repeats a recorded run',
  );
  const rules = [
    { name: 'limits', fault: { kind: 'rate-limit', requests_per_minute: 1 } },
    { name: 'below', fault: 'overloaded' },
  ];
  expect(() => compileRules(rules, { seed: '1', messages: 'real' })).toThrow(
    /rule below can never act: rule limits above it takes every call/,
  );
});

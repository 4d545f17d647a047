import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateLimitModel } from '../../../test/support/rate-limit-model.ts';
import { atMs, requestFacts } from '../../../test/support/request-facts.ts';
import type { Effect, HeadEffect, RespondEffect } from '../effect.ts';
import { compileRules } from '../rules/compile.ts';
import { type Decision, faultKinds, type Usage } from '../rules/decision.ts';
import type { ArmedRules } from '../rules/rule-set.ts';

interface Call {
  readonly key?: string;
  readonly model?: string;
  readonly input?: number;
  readonly maxTokens?: number;
  readonly path?: string;
}

/** A text of four characters is a token. */
function facts({ key = 'a', model = 'm', input = 1, maxTokens = 10, path = '/v1/messages' }: Call) {
  const json = { model, max_tokens: maxTokens, messages: [{ role: 'user', content: 'word'.repeat(input) }] };
  return requestFacts({ client: key, json, path });
}

function arm(params: object, env: { timeScale?: number; messages?: 'real' | 'simulated' } = {}): ArmedRules {
  const rules = [{ name: 'limits', fault: { kind: 'rate-limit', ...params } }];
  return compileRules(rules, { seed: '1', messages: 'simulated', armedAt: 0, ...env });
}

const used = (usage: Partial<Usage>): Usage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  ...usage,
});

function effectOf(decision: Decision): Effect {
  expect(decision.faults).toHaveLength(1);
  expect(decision.faults[0]!.effects).toHaveLength(1);
  return decision.faults[0]!.effects[0]!;
}

function refusal(decision: Decision): RespondEffect {
  const effect = effectOf(decision);
  expect(effect).toMatchObject({ do: 'respond', status: 429 });
  expect(faultKinds(decision)).toEqual(['rate-limit']);
  return effect as RespondEffect;
}

function headersOf(effect: Effect): Record<string, string> {
  const list = effect.do === 'respond' ? effect.headers : (effect as HeadEffect).set!;
  return Object.fromEntries(list);
}

function passes(decision: Decision): Record<string, string> {
  const effect = effectOf(decision);
  expect(effect.do).toBe('head');
  expect(faultKinds(decision)).toEqual([]);
  return headersOf(effect);
}

function end(rules: ArmedRules, decision: Decision, ms: number, usage?: Partial<Usage>, status = 200): void {
  const outcome = { status, complete: status < 400, injected: false };
  rules.settle(decision, usage ? { ...outcome, usage: used(usage) } : outcome, atMs(ms));
}

const step = fc.record({
  after: fc.nat({ max: 20_000 }),
  key: fc.constantFrom('a', 'b'),
  model: fc.constantFrom('m', 'n'),
  input: fc.integer({ min: 1, max: 700 }),
  maxTokens: fc.integer({ min: 1, max: 250 }),
  lasts: fc.nat({ max: 30_000 }),
  usage: fc.option(
    fc.record({
      inputTokens: fc.nat({ max: 900 }),
      outputTokens: fc.nat({ max: 300 }),
      cacheReadTokens: fc.nat({ max: 5_000 }),
      cacheCreationTokens: fc.nat({ max: 200 }),
    }),
    { nil: undefined },
  ),
});
const limit = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined });

test('decides as the model of whole numbers does, to the second of every retry-after', () => {
  const limits = fc
    .record({ requests: limit(8), input: limit(1_000), output: limit(300) })
    .filter((all) => Object.values(all).some((one) => one !== undefined));
  fc.assert(
    fc.property(
      limits,
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 40 }),
      (all, reserve, steps) => {
        const rules = arm({
          ...(all.requests === undefined ? {} : { requests_per_minute: all.requests }),
          ...(all.input === undefined ? {} : { input_tokens_per_minute: all.input }),
          ...(all.output === undefined ? {} : { output_tokens_per_minute: all.output }),
          reserve_output: reserve,
        });
        const model = new RateLimitModel(
          Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)),
        );
        const running: { at: number; settle: () => void }[] = [];
        let now = 0;
        for (const { after, key, model: name, input, maxTokens, lasts, usage } of steps) {
          now += after;
          const due = running.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
          for (const one of due) {
            running.splice(running.indexOf(one), 1);
            one.settle();
          }
          const decision = rules.decide(facts({ key, model: name, input, maxTokens }), atMs(now));
          const output = reserve ? maxTokens : 0;
          const expected = model.call({ key, model: name, at: now, input, output });
          if (!expected.passes) {
            const seconds = Number.isFinite(expected.retryAfter) ? expected.retryAfter : 60;
            expect(headersOf(refusal(decision))['retry-after']).toBe(String(seconds));
            continue;
          }
          const headers = passes(decision);
          if (all.requests !== undefined)
            expect(headers['anthropic-ratelimit-requests-remaining']).toBe(
              String(model.left(key, name, 'requests', now)),
            );
          const at = now + lasts;
          running.push({
            at,
            settle: () => {
              end(rules, decision, at, usage);
              const counted = usage && {
                input: usage.inputTokens + usage.cacheCreationTokens,
                output: usage.outputTokens,
              };
              expected.settle(counted, at);
            },
          });
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('whoever waits as long as it is told is let in: never a second 429 in a row', () => {
  const calls = fc.array(
    fc.record({
      input: fc.integer({ min: 1, max: 500 }),
      used: fc.nat({ max: 2_000 }),
      out: fc.nat({ max: 400 }),
    }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(calls, fc.constantFrom(1, 0.1, 0.007, 3), (list, timeScale) => {
      const rules = arm(
        {
          requests_per_minute: 7,
          input_tokens_per_minute: 500,
          output_tokens_per_minute: 100,
          early_retry_penalty: '30s',
        },
        { timeScale },
      );
      let now = 0;
      for (const { input, used: inputTokens, out } of list) {
        let decision = rules.decide(facts({ input }), atMs(now));
        if (faultKinds(decision).length > 0) {
          now += Number(headersOf(refusal(decision))['retry-after']) * 1000;
          decision = rules.decide(facts({ input }), atMs(now));
        }
        passes(decision);
        end(rules, decision, now, { inputTokens, outputTokens: out });
      }
    }),
  );
});

describe('the 429', () => {
  const rules = () =>
    arm({ requests_per_minute: 60, input_tokens_per_minute: 30_000, output_tokens_per_minute: 8_000 });

  test('names the limit, the model and the time; the untouched bucket is full now', () => {
    const armed = rules();
    end(armed, armed.decide(facts({ input: 10 }), atMs(0)), 0, { inputTokens: 40_000, outputTokens: 5 });
    const decision = armed.decide(facts({ input: 2_000, model: 'm' }), atMs(600));
    const effect = refusal(decision);
    const body = JSON.parse(String(effect.body));
    expect(body.error.type).toBe('rate_limit_error');
    expect(body.error.message).toMatch(
      /^This request would exceed your organization's rate limit of 30,000 input tokens per minute \(org: [-0-9a-f]+, model: m\)/,
    );
    // 10,000 in debt, 2,000 needed, 300 refilled: 11,700 at 500 a second.
    expect(headersOf(effect)).toMatchObject({
      'retry-after': '24',
      'x-should-retry': 'true',
      'anthropic-ratelimit-input-tokens-limit': '30000',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-05-28T20:28:00Z',
      'anthropic-ratelimit-output-tokens-remaining': '8000',
      'anthropic-ratelimit-output-tokens-reset': '2026-05-28T20:26:40Z',
      'anthropic-ratelimit-requests-remaining': '59',
      'anthropic-ratelimit-tokens-limit': '38000',
      'anthropic-ratelimit-tokens-remaining': '8000',
    });
    expect(decision.why()).toBe(
      'rule limits fires on its match 2: fires always; rate-limit: 2,000 input tokens are needed, and the bucket of 30,000 is 9,700 in debt: 11,700 too few; retry-after 24',
    );
  });

  test('of requests and of output tokens name those', () => {
    const requests = arm({ requests_per_minute: 1 });
    passes(requests.decide(facts({}), atMs(0)));
    expect(String(refusal(requests.decide(facts({}), atMs(0))).body)).toContain(
      'limit of 1 requests per minute',
    );
    const output = arm({ output_tokens_per_minute: 100 });
    end(output, output.decide(facts({}), atMs(0)), 0, { outputTokens: 150 });
    const refused = refusal(output.decide(facts({}), atMs(0)));
    expect(String(refused.body)).toContain('limit of 100 output tokens per minute');
    // 51 at 100 a minute: 30.6 s.
    expect(headersOf(refused)['retry-after']).toBe('31');
  });

  test('has a simulated wording, or one of your own, if asked', () => {
    for (const [message, says] of [
      ['simulated', 'Simulated error: Too Many Requests'],
      ['slow down', 'slow down'],
    ]) {
      const armed = arm({ requests_per_minute: 1, message });
      passes(armed.decide(facts({}), atMs(0)));
      expect(JSON.parse(String(refusal(armed.decide(facts({}), atMs(0))).body)).error.message).toBe(says);
    }
  });

  test('of a call that is larger than the limit never ends, and says a whole minute', () => {
    const armed = arm({ input_tokens_per_minute: 100 });
    for (const ms of [0, 60_000, 600_000])
      expect(headersOf(refusal(armed.decide(facts({ input: 101 }), atMs(ms))))['retry-after']).toBe('60');
    passes(armed.decide(facts({ input: 100 }), atMs(600_000)));
  });
});

describe('charging', () => {
  const left = (headers: Record<string, string>, unit: string) =>
    Number(headers[`anthropic-ratelimit-${unit}-remaining`]);

  test('tokens read from the cache do not count, unless asked for', () => {
    const usage = { inputTokens: 1_000, cacheCreationTokens: 2_000, cacheReadTokens: 4_000 };
    for (const [count_cache_reads, remaining] of [
      [false, 7_000],
      [true, 3_000],
    ] as const) {
      const armed = arm({ input_tokens_per_minute: 10_000, count_cache_reads });
      end(armed, armed.decide(facts({ input: 1 }), atMs(0)), 0, usage);
      expect(left(passes(armed.decide(facts({ input: 1 }), atMs(0))), 'input-tokens')).toBe(remaining);
    }
  });

  test('a failed call gives its tokens back, not its request; of others nothing is known', () => {
    for (const [status, remaining] of [
      [529, 9_000],
      [0, 9_000],
      [200, 8_000],
    ] as const) {
      const armed = arm({ input_tokens_per_minute: 10_000, requests_per_minute: 10 });
      end(armed, armed.decide(facts({ input: 1_000 }), atMs(0)), 0, undefined, status);
      const headers = passes(armed.decide(facts({ input: 1_000 }), atMs(0)));
      expect(left(headers, 'input-tokens')).toBe(remaining);
      expect(left(headers, 'requests')).toBe(8);
    }
  });

  test('max_tokens is reserved only if asked for, and the rest of it given back', () => {
    const armed = arm({ output_tokens_per_minute: 10_000, reserve_output: true });
    const first = armed.decide(facts({ maxTokens: 6_000 }), atMs(0));
    expect(left(passes(first), 'output-tokens')).toBe(4_000);
    refusal(armed.decide(facts({ maxTokens: 6_000 }), atMs(0)));
    end(armed, first, 0, { outputTokens: 1_000 });
    expect(left(passes(armed.decide(facts({ maxTokens: 6_000 }), atMs(0))), 'output-tokens')).toBe(3_000);
    const free = arm({ output_tokens_per_minute: 10_000 });
    expect(left(passes(free.decide(facts({ maxTokens: 60_000 }), atMs(0))), 'output-tokens')).toBe(10_000);
  });

  test('a short burst is a small bucket', () => {
    const armed = arm({ requests_per_minute: 60, burst: '1s' });
    passes(armed.decide(facts({}), atMs(0)));
    expect(headersOf(refusal(armed.decide(facts({}), atMs(0))))['retry-after']).toBe('1');
    passes(armed.decide(facts({}), atMs(1_000)));
  });

  test('other endpoints are not limited, and get no headers', () => {
    const armed = arm({ requests_per_minute: 1 });
    for (let i = 0; i < 3; i++) {
      const decision = armed.decide(facts({ path: '/v1/messages/count_tokens' }), atMs(0));
      expect(decision.faults[0]!.effects).toEqual([]);
      expect(faultKinds(decision)).toEqual([]);
      end(armed, decision, 0);
    }
    passes(armed.decide(facts({}), atMs(0)));
  });
});

describe('whose limits they are', () => {
  const used = (params: object, second: Call): boolean => {
    const armed = arm({ requests_per_minute: 1, ...params });
    passes(armed.decide(facts({ key: 'a', model: 'm' }), atMs(0)));
    return faultKinds(armed.decide(facts(second), atMs(0))).length > 0;
  };

  test.each([
    ['two keys', { key: 'b', model: 'm' }, {}, false],
    ['two models', { key: 'a', model: 'n' }, {}, false],
    ['the same', { key: 'a', model: 'm' }, {}, true],
    ['two keys that share', { key: 'b', model: 'm' }, { per_key: false }, true],
    ['two models that share', { key: 'a', model: 'n' }, { per_model: false }, true],
    ['two keys, shared by models alone', { key: 'b', model: 'm' }, { per_model: false }, false],
  ] as const)('%s', (_, second, params, shared) => {
    expect(used(params, second)).toBe(shared);
  });

  test('more callers than are remembered stay bounded, and a running call of a forgotten one still settles', () => {
    const armed = arm({ requests_per_minute: 1 });
    const first = armed.decide(facts({ key: 'first' }), atMs(0));
    for (let i = 0; i < 10_050; i++) armed.decide(facts({ key: `k${i}` }), atMs(0));
    const [memory] = armed.show()[0]!.memories as Record<string, unknown>[];
    expect(Object.keys(memory!)).toHaveLength(10_000);
    expect(memory).not.toHaveProperty('first m');
    end(armed, first, 0, { inputTokens: 5 });
  });
});

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
    expect(late.why()).toContain('it comes before the time that the last 429 told');
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

test('the memory is the rule’s: another arming starts with full buckets', () => {
  for (const armed of [arm({ requests_per_minute: 1 }), arm({ requests_per_minute: 1 })]) {
    passes(armed.decide(facts({}), atMs(0)));
    refusal(armed.decide(facts({}), atMs(0)));
    expect(armed.needs).toMatchObject({ body: true, usage: true });
  }
});

test('without a limit it is refused, with the way to a single 429', () => {
  expect(() => arm({})).toThrow(/say at least one limit: .*`fault: rate-limit`/);
  expect(
    effectOf(
      compileRules([{ fault: 'rate-limit' }], { seed: '1', messages: 'real' }).decide(facts({}), atMs(0)),
    ),
  ).toMatchObject({
    status: 429,
  });
});

describe('overdrawn', () => {
  const params = { input_tokens_per_minute: 6_000, overdrawn: '15s' };

  test('refuses each call until the debt is paid, and tells what is left of it', () => {
    const armed = arm(params);
    const at = (ms: number, key = 'a') => armed.decide(facts({ key, input: 10 }), atMs(ms));
    const told = (decision: Decision): Record<string, string> => headersOf(refusal(decision));
    expect(told(at(0))).toMatchObject({
      'retry-after': '16',
      'anthropic-ratelimit-input-tokens-remaining': '0',
    });
    expect(told(at(10_000))['retry-after']).toBe('6');
    expect(told(at(14_000, 'b'))['retry-after'], 'another key has a debt of its own').toBe('16');
    passes(at(15_200));
  });

  test('is nothing without input tokens', () => {
    expect(() => arm({ requests_per_minute: 5, overdrawn: '15s' })).toThrow(
      /overdrawn: speaks of the bucket of input tokens: give input_tokens_per_minute as well/,
    );
  });
});

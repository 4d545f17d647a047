import { describe, expect, test } from 'vitest';
import {
  arm,
  effectOf,
  end,
  facts,
  headersOf,
  type LimitedCall,
  passes,
  refusal,
} from '../../../test/support/rate-limited.ts';
import { atMs } from '../../../test/support/request-facts.ts';
import { phraseText } from '../phrase.ts';
import { compileRules } from '../rules/compile.ts';
import { type Decision, faultKinds } from '../rules/decision.ts';

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
    expect(phraseText(decision.why())).toBe(
      'rule limits fires on its match 2: it needs 2,000 input tokens, and the bucket of 30,000 is 9,700 in debt (11,700 too few, retry-after 24)',
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
  const used = (params: object, second: LimitedCall): boolean => {
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

  test('two models whose names are beyond measure, and differ at their end', () => {
    const armed = arm({ requests_per_minute: 1 });
    for (const end of ['x', 'y']) passes(armed.decide(facts({ model: 'm'.repeat(5_000) + end }), atMs(0)));
    expect(JSON.stringify(armed.show()).length).toBeLessThan(1_000);
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

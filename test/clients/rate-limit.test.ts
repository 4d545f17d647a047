/**
 * The TypeScript SDK against a rate limit, under a clock that its own waits move: where they are kept there is no second
 * 429, and where they are cut short exactly those that the model predicts.
 */
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import { RateLimitModel } from '../support/rate-limit-model.ts';

const LIMITS = { requests: 5, input: 400, output: 120 };
const START = Date.UTC(2026, 10, 23, 12, 0, 0);
const MAX_RETRIES = 3;

const realSetTimeout = globalThis.setTimeout;
let clock: FakeClock;
/** What becomes of a wait that `retry-after` asks for. */
let share: number;
let waits: number[];

beforeEach(() => {
  clock = new FakeClock(START);
  share = 1;
  waits = [];
  // The SDK waits whole seconds where it obeys, and its request timeout is 600 s; undici's timers have an argument.
  globalThis.setTimeout = ((run: () => void, ms = 0, ...rest: []) => {
    if (rest.length > 0 || ms < 1_000 || ms > 120_000 || ms % 1_000 !== 0)
      return realSetTimeout(run, ms, ...rest);
    waits.push(ms);
    clock.advance(Math.round(ms * share));
    return realSetTimeout(run, 0);
  }) as typeof setTimeout;
});

afterEach(() => {
  globalThis.setTimeout = realSetTimeout;
});

async function limited(params: object = {}): Promise<TestProxy> {
  const mock = createMockApi();
  atEnd(() => mock.close());
  const fault = {
    kind: 'rate-limit',
    requests_per_minute: LIMITS.requests,
    input_tokens_per_minute: LIMITS.input,
    output_tokens_per_minute: LIMITS.output,
    ...params,
  };
  return testProxy({
    clock,
    upstream: { kind: 'mock', dial: () => mock.dial() },
    rules: compileRules([{ name: 'limits', fault }], { seed: '1', messages: 'real', armedAt: 0 }),
  });
}

interface Used {
  readonly input: number;
  readonly output: number;
}

/** Calls one after the other, half of them streamed; what each used, or the status that it gave up with. */
async function calls(proxy: TestProxy, count: number): Promise<(Used | number)[]> {
  const client = new Anthropic({ apiKey: 'k', baseURL: proxy.url, maxRetries: MAX_RETRIES, logLevel: 'off' });
  const results: (Used | number)[] = [];
  for (let i = 0; i < count; i++) {
    const params = {
      model: 'claude-opus-5-5',
      max_tokens: 60,
      messages: [
        { role: 'user' as const, content: `${'word '.repeat(20 + ((i * 37) % 200))}words=${5 + (i % 30)}` },
      ],
    };
    try {
      const { usage } = await (i % 2 === 0
        ? client.messages.create(params)
        : client.messages.stream(params).finalMessage());
      results.push({
        input: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0),
        output: usage.output_tokens,
      });
    } catch (error) {
      if (!(error instanceof Anthropic.RateLimitError)) throw error;
      expect(error.headers?.get('anthropic-ratelimit-requests-limit')).toBe(String(LIMITS.requests));
      results.push(error.status);
    }
    clock.advance(500);
  }
  return results;
}

/** Which attempts were refused, in order, and which the model refuses at the same times. */
function refusals(proxy: TestProxy, results: readonly (Used | number)[], texts: readonly number[]) {
  const model = new RateLimitModel(LIMITS);
  const used = results.filter((result) => typeof result !== 'number');
  const seen: boolean[] = [];
  const predicted: boolean[] = [];
  const running = new Map<number, (at: number) => void>();
  let call = 0;
  let attempts = 0;
  for (const event of proxy.events) {
    if (event.type === 'exchange.ended') running.get(event.exchange)?.(event.at - START);
    if (event.type !== 'exchange.decided') continue;
    const refused = event.faults.length > 0;
    const verdict = model.call({ key: 'k', model: 'm', at: event.at - START, input: texts[call]! });
    seen.push(refused);
    predicted.push(!verdict.passes);
    attempts++;
    if (!refused) {
      const usage = used.shift();
      if (verdict.passes) running.set(event.exchange, (at) => verdict.settle(usage, at));
    }
    if (!refused || attempts > MAX_RETRIES) {
      call++;
      attempts = 0;
    }
  }
  return { seen, predicted };
}

/** The limit's estimate of each call: four characters are a token. */
const estimates = (count: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    Math.ceil((5 * (20 + ((i * 37) % 200)) + `words=${5 + (i % 30)}`.length) / 4),
  );

const inARow = (refused: readonly boolean[]): boolean => refused.some((one, i) => one && refused[i + 1]);

describe('the TypeScript SDK under a rate limit', () => {
  it('meets no second 429 where it waits as long as it is told', async () => {
    const proxy = await limited();
    const results = await calls(proxy, 40);
    const { seen, predicted } = refusals(proxy, results, estimates(40));
    expect(results.every((result) => typeof result !== 'number')).toBe(true);
    expect(seen).toEqual(predicted);
    expect(seen.filter(Boolean).length).toBeGreaterThan(15);
    expect(waits).toHaveLength(seen.filter(Boolean).length);
    expect(inARow(seen)).toBe(false);
  });

  it('meets exactly those that the model predicts where it comes back too early', async () => {
    const proxy = await limited();
    share = 0.3;
    const results = await calls(proxy, 40);
    const { seen, predicted } = refusals(proxy, results, estimates(40));
    expect(seen).toEqual(predicted);
    expect(inARow(seen)).toBe(true);
    expect(results).toContain(429);
    expect(results.some((result) => typeof result !== 'number')).toBe(true);
  });

  it('gives up where early retries are punished, and gets through where it waits', async () => {
    for (const [part, gaveUp] of [
      [0.9, true],
      [1, false],
    ] as const) {
      share = part;
      const proxy = await limited({ early_retry_penalty: '20s' });
      expect((await calls(proxy, 12)).includes(429)).toBe(gaveUp);
    }
  });
});

/** input-token-limit and the TS SDK: who waits as told meets one 429; who comes earlier is refused, and told what is left. */
import Anthropic, { RateLimitError } from '@anthropic-ai/sdk';
import { expect, it } from 'vitest';
import { scenarioRules } from '../../src/core/scenarios/find-scenario.ts';
import { startLab } from '../clients/support/lab.ts';
import { atEnd } from '../support/proxy.ts';

const MESSAGE = {
  model: 'claude-opus-5-5',
  max_tokens: 512,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

async function start(timeScale: number, maxRetries: number): Promise<[Anthropic, readonly string[]]> {
  const lab = await startLab(scenarioRules('input-token-limit'), { timeScale });
  atEnd(() => lab.close());
  return [new Anthropic({ baseURL: lab.proxy.url, apiKey: 'any', maxRetries }), lab.outcomes];
}

it('an SDK that waits for retry-after needs no second retry', async () => {
  // 15 s are 0.75 s, and retry-after is whole seconds.
  const [client, outcomes] = await start(0.05, 2);
  const { stop_reason } = await client.messages.create(MESSAGE);
  expect(stop_reason).toBe('end_turn');
  expect(outcomes).toEqual(['429 injected', '200 upstream']);
});

it('one that does not wait is refused again, with the headers of the bucket', async () => {
  const [client, outcomes] = await start(1, 0);
  const refused = async (): Promise<Headers> => {
    const error: unknown = await client.messages.create(MESSAGE).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    return (error as RateLimitError).headers!;
  };
  const first = await refused();
  expect(first.get('retry-after')).toBe('16');
  expect(first.get('anthropic-ratelimit-input-tokens-limit')).toBe('200000');
  expect(first.get('anthropic-ratelimit-input-tokens-remaining')).toBe('0');
  const reset = Date.parse(first.get('anthropic-ratelimit-input-tokens-reset') ?? '');
  expect(reset - Date.now(), 'full only after the debt and a minute').toBeGreaterThan(60_000);
  const second = await refused();
  expect(Number(second.get('retry-after'))).toBeLessThanOrEqual(16);
  expect(Number(second.get('retry-after'))).toBeGreaterThan(10);
  expect(outcomes).toEqual(['429 injected', '429 injected']);
});

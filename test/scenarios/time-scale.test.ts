/** `time_scale` on the wire: what waits, waits as long as the events tell, and no longer than its share. */
import { expect, it } from 'vitest';
import { armRules } from '../../src/config/arm-rules.ts';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { settings } from '../config/support.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { requestFacts } from '../support/request-facts.ts';

const BODY = JSON.stringify({
  model: 'claude-opus-5-5',
  max_tokens: 256,
  stream: true,
  messages: [{ role: 'user', content: 'Hello' }],
});

async function call(file: string): Promise<{ ms: number; effects: readonly string[]; text: string }> {
  const mock = createMockApi();
  atEnd(() => mock.close());
  const proxy = await testProxy({
    rules: armRules(settings({ file }), '42'),
    upstream: { kind: 'mock', dial: () => mock.dial() },
  });
  const began = performance.now();
  const answer = await fetch(`${proxy.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'any',
      'anthropic-version': '2023-06-01',
      connection: 'close',
    },
    body: BODY,
  });
  const text = await answer.text();
  const ms = performance.now() - began;
  const effects = proxy.events.flatMap((event) => (event.type === 'fault.applied' ? [event.effect] : []));
  return { ms, effects, text };
}

it('a latency of 3 s at 0.05 is told and lasts as 150 ms', async () => {
  const { ms, effects } = await call('time_scale: 0.05\nrules: [{ fault: { kind: latency, delay: 3s } }]');
  expect(effects).toEqual([expect.stringContaining('delay 150 ms')]);
  expect(ms).toBeGreaterThan(149);
  expect(ms).toBeLessThan(2_900);
});

it('a stall of a minute at 0.002 is told and lasts as 120 ms, and the stream goes on', async () => {
  const { ms, effects, text } = await call(
    'time_scale: 0.002\nrules: [{ fault: { kind: stream-stall, after: { text: 20 }, for: 60s } }]',
  );
  expect(effects).toEqual([expect.stringContaining('stall 120 ms')]);
  expect(ms).toBeGreaterThan(119);
  expect(ms).toBeLessThan(50_000);
  expect(text).toContain('message_stop');
});

it('windows count from when the rules were armed, not from the first call', () => {
  const file =
    'time_scale: 0.1\nrules: [{ name: early, trigger: { window: { for: 10s } }, fault: overloaded }]';
  const ruleAfter = (ms: number): string | null => {
    const rules = armRules(settings({ file }), '42');
    return rules.decide(requestFacts(), { now: performance.now() + ms, wall: 0 }).rule;
  };
  expect([ruleAfter(0), ruleAfter(2_000)]).toEqual(['early', null]);
});

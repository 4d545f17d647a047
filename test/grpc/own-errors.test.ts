/** A bug of ours that shows long after a call of fault's ends neither the plugin nor another call. */
import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { HttpRequestSchema } from '../../src/grpc/gen/plugin_pb.ts';
import { HttpCalls } from '../../src/grpc/http/http-calls.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testProxy } from '../support/proxy.ts';
import { testRules } from '../support/rules.ts';

it('a call that is given up, and a rule that cannot bear it', async () => {
  const clock = new FakeClock();
  const rules = testRules(() => undefined);
  let settled = 0;
  const failing = Object.assign(Object.create(rules) as typeof rules, {
    settle: () => {
      settled += 1;
      throw new TypeError('a bug that a test has planted');
    },
  });
  const proxy = await testProxy({ rules: failing, clock, listen: false });
  const calls = new HttpCalls(proxy.engine);
  const call = create(HttpRequestSchema, {
    method: 'POST',
    path: '/v1/messages',
    headers: [{ name: 'host', value: 'api.anthropic.com' }],
    body: new TextEncoder().encode('{}'),
  });
  for (let i = 0; i < 2; i++) await calls.request(call, new AbortController().signal);
  clock.advance(3_600_000);
  expect(settled).toBe(2);
  expect(await proxy.event('notice', ({ code }) => code === 'plugin-failed')).toMatchObject({
    message: expect.stringContaining('a bug that a test has planted'),
  });
  expect(proxy.events.filter(({ type }) => type === 'exchange.ended')).toHaveLength(2);
});

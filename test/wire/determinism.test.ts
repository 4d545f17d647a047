/** The same seed gives the same outcomes by ordinal, however many calls are in flight. */
import http from 'node:http';
import { expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';

const CALLS = 600;

async function outcomes(inFlight: number, seed: string, probability: number): Promise<string> {
  const mock = createMockApi();
  atEnd(() => mock.close());
  const proxy: TestProxy = await testProxy({
    rules: compileRules(
      [{ name: 'default', trigger: { probability }, fault: { kind: 'http-error', status: 529 } }],
      {
        seed,
        messages: 'simulated',
      },
    ),
    upstream: { kind: 'mock', dial: () => mock.dial() },
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: inFlight });
  let left = CALLS;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0)
        await new Promise<void>((resolve, reject) => {
          http
            .get(`${proxy.url}/api/hello`, { agent }, (response) => response.resume().on('end', resolve))
            .on('error', reject);
        });
    }),
  );
  agent.destroy();
  const decided = proxy.events.flatMap((event) => (event.type === 'exchange.decided' ? [event] : []));
  expect(decided).toHaveLength(CALLS);
  return decided
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ rule }) => (rule === null ? '.' : 'x'))
    .join('');
}

it('is the same serially and with 50 in flight, and another with another seed', async () => {
  const serial = await outcomes(1, '42', 0.3);
  expect(serial.match(/x/g)?.length).toBeGreaterThan(CALLS * 0.25);
  expect(await outcomes(50, '42', 0.3)).toBe(serial);
  expect(await outcomes(50, '43', 0.3)).not.toBe(serial);
});

it('never injects at 0, always at 1', async () => {
  expect(await outcomes(10, '42', 0)).toBe('.'.repeat(CALLS));
  expect(await outcomes(10, '42', 1)).toBe('x'.repeat(CALLS));
});

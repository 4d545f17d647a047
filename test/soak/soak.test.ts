/** Thousands of exchanges, some injected, some aborted at odd moments: nothing of them may be left. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startProxy } from '../../src/app/proxy.ts';
import { createRandom } from '../../src/core/random.ts';
import { testAuthority } from '../support/modes.ts';
import { atEnd } from '../support/proxy.ts';
import { overloaded, testRules } from '../support/rules.ts';

const EXCHANGES = 20_000;
const IN_FLIGHT = 50;

it(`${EXCHANGES} exchanges, a tenth aborted, leave heap, sockets and timers as they were`, {
  timeout: 240_000,
}, async () => {
  const upstream = http.createServer((request, response) => {
    request.resume();
    response.on('error', () => {});
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: ping\ndata: {"type": "ping"}\n\n');
    setImmediate(() => response.end('event: message_stop\ndata: {"type":"message_stop"}\n\n'));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const answer = overloaded();
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    targets: ['api.anthropic.com'],
    ca: await testAuthority(),
    rules: testRules((_facts, nth) => (nth % 3 === 0 ? answer : undefined), { record: false }),
    upstream: { kind: 'url', url: new URL(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`) },
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const chance = createRandom('soak', 'abort');
  let aborted = 0;
  let done = 0;

  const one = (n: number): Promise<void> =>
    new Promise((resolve) => {
      const roll = chance.draw(n, 0);
      const request = http.request(
        `${proxy.url}/v1/messages`,
        { method: 'POST', agent, headers: { 'content-length': 20 } },
        (response) => {
          response.resume();
          response.on('error', () => {});
          response.on('close', () => {
            done += 1;
            resolve();
          });
          if (roll < 0.05) request.destroy(); // in the answer
        },
      );
      request.on('error', () => {
        aborted += 1;
        resolve();
      });
      request.write('0123456789');
      if (roll > 0.95)
        setImmediate(() => request.destroy()); // in the upload, or before the answer
      else request.end('0123456789');
    });

  const run = async (count: number): Promise<void> => {
    let next = 0;
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (next < count) {
          next += 1;
          await one(next);
        }
      }),
    );
  };
  const heap = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };

  await run(2_000);
  const before = heap();
  await run(EXCHANGES);
  const grown = heap() - before;
  agent.destroy();
  await proxy.close(1_000); // the teardown of every test checks that no socket is left
  expect(done).toBeGreaterThan(EXCHANGES * 0.85);
  expect(aborted).toBeGreaterThan(EXCHANGES * 0.03);
  expect(globalThis.gc, 'run with --expose-gc').toBeDefined();
  expect(grown).toBeLessThan(4 * 1024 * 1024);
});

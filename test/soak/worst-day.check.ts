/**
 * The scenario worst-day, every fault at once, for thousands of exchanges in each of two ways to the proxy, by a client
 * that gives up on what hangs: when it is over, no socket, no timer and no memory of any of it is left.
 */
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { type RunningProxy, startProxy } from '../../src/app/proxy.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { scenarioRules } from '../../src/core/scenarios/find-scenario.ts';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { testAuthority } from '../support/modes.ts';
import { atEnd, openSockets } from '../support/proxy.ts';

const EXCHANGES = 20_000;
const IN_FLIGHT = 40;
/** One in so many calls comes by CONNECT and TLS, on a connection of its own. */
const TUNNELLED = 8;
/** Faults that hang or stall are given up by the client after so long; whole streams must not be, on a slow machine either. */
const PATIENCE_MS = 300;

const tool = { name: 'Bash', input_schema: { type: 'object', properties: { command: { type: 'string' } } } };
const ask = (more: object, prompt = 'Say hello. words=30'): string =>
  JSON.stringify({
    model: 'claude-opus-5-5',
    max_tokens: 2048,
    messages: [{ role: 'user', content: prompt }],
    ...more,
  });
/** So that faults of streams, tool calls, thinking and whole answers all find what they act on. */
const BODIES = [
  ask({ stream: true }),
  ask({}),
  ask({ stream: true, tools: [tool], tool_choice: { type: 'tool', name: 'Bash' } }),
  ask({ stream: true, max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 1024 } }),
];
const HEADERS = { 'content-type': 'application/json', 'x-api-key': 'any', 'anthropic-version': '2023-06-01' };

it(`worst-day for ${EXCHANGES} exchanges leaves heap, sockets and timers as they were`, {
  timeout: 300_000,
}, async () => {
  const mock = createMockApi();
  const ca = await testAuthority();
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    targets: ['api.anthropic.com'],
    ca,
    rules: compileRules(scenarioRules('worst-day'), { seed: 'soak', messages: 'real', timeScale: 0.001 }),
    upstream: { kind: 'mock', dial: () => mock.dial() },
  });
  atEnd(() => mock.close());
  const seen = watch(proxy);
  let agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const run = async (count: number): Promise<void> => {
    let next = 0;
    const target = seen.exchanges + count;
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        // A tunnel that is refused carries no exchange.
        while (seen.exchanges < target) {
          next += 1;
          const body = BODIES[next % BODIES.length]!;
          if (next % TUNNELLED === 0) await throughTunnel(proxy, ca.certificatePem, body);
          else await request({ agent, port: proxy.port }, body);
        }
      }),
    );
    agent.destroy();
    agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
    await expect.poll(() => openSockets().length, { timeout: 15_000, interval: 20 }).toBe(idleSockets);
  };
  const idleSockets = openSockets().length;

  await run(3_000);
  const before = { heap: heap(), timers: timers() };
  await run(EXCHANGES);
  const grown = heap() - before.heap;
  expect(timers() - before.timers, 'timers left').toBeLessThanOrEqual(2);
  expect(globalThis.gc, 'run with --expose-gc').toBeDefined();
  expect(grown, 'bytes of heap left').toBeLessThan(4 * 1024 * 1024);
  expect(seen.ended, 'each exchange ends once').toBe(seen.exchanges);
  expect([...faultCatalogue.keys()].filter((kind) => !seen.applied.has(kind))).toEqual([]);
  agent.destroy();
  await proxy.close(1_000); // the teardown of every test checks that no socket is left
});

/** Counts alone: events that were kept would be the memory that is looked for. */
function watch(proxy: RunningProxy): { exchanges: number; ended: number; applied: Set<string> } {
  const seen = { exchanges: 0, ended: 0, applied: new Set<string>() };
  proxy.bus.subscribe((event: ProxyEvent) => {
    if (event.type === 'exchange.decided') seen.exchanges += 1;
    if (event.type === 'exchange.ended') seen.ended += 1;
    if (event.type === 'fault.applied') seen.applied.add(event.fault);
  });
  return seen;
}

/** One call, to its end, its failure, or the end of the client's patience. */
function request(options: http.RequestOptions, body: string): Promise<void> {
  return new Promise((resolve) => {
    const call = http.request(
      { host: '127.0.0.1', method: 'POST', path: '/v1/messages', headers: HEADERS, ...options },
      (response) => {
        response.on('error', () => {});
        response.resume();
      },
    );
    const patience = setTimeout(() => call.destroy(), PATIENCE_MS);
    call.on('error', () => {});
    call.on('close', () => {
      clearTimeout(patience);
      resolve();
    });
    call.end(body);
  });
}

/** The same through CONNECT and TLS, as a client with HTTPS_PROXY makes it. */
async function throughTunnel(proxy: RunningProxy, caPem: string, body: string): Promise<void> {
  const raw = net.connect({ host: '127.0.0.1', port: proxy.port });
  const patience = setTimeout(() => raw.destroy(), 4 * PATIENCE_MS);
  try {
    const secure = await new Promise<tls.TLSSocket | undefined>((resolve) => {
      raw.on('error', () => {});
      raw.on('close', () => resolve(undefined));
      raw.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nhost: api.anthropic.com:443\r\n\r\n');
      raw.once('data', (answer) => {
        if (!answer.toString('latin1').startsWith('HTTP/1.1 200')) return resolve(undefined);
        const socket = tls.connect({ socket: raw, servername: 'api.anthropic.com', ca: caPem });
        socket.on('error', () => resolve(undefined));
        socket.once('secureConnect', () => resolve(socket));
      });
    });
    if (secure)
      await request(
        { createConnection: () => secure, headers: { ...HEADERS, host: 'api.anthropic.com' } },
        body,
      );
  } finally {
    clearTimeout(patience);
    raw.destroy();
  }
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

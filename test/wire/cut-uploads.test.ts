/** `disconnect` within a request, and between two: what the client sees, and how much of it the upstream got. */
import type net from 'node:net';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { foldEvents } from '../support/fold-events.ts';
import { openClient } from '../support/modes.ts';
import { openSecure, VERSIONS } from '../support/network-bench.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import { type RawUpstream, rawUpstream, watch } from '../support/raw-upstream.ts';
import { endsWithCloseNotify, openTap } from '../support/tap.ts';

const BODY = 'u'.repeat(100_000);
const POST = `POST /v1/messages HTTP/1.1\r\nHost: api.anthropic.com\r\nContent-Length: ${BODY.length}\r\n\r\n`;

async function setUp(fault: object): Promise<{ proxy: TestProxy; upstream: RawUpstream }> {
  const upstream = await rawUpstream(({ socket, until }) => {
    for (const nth of [1, 2])
      void until(BODY, nth).then(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  atEnd(() => upstream.close());
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    upstreamCa: upstream.ca,
    rules: compileRules([{ name: 'net', fault }], { seed: '1', messages: 'real' }),
  });
  return { proxy, upstream };
}

async function connected(proxy: TestProxy): Promise<net.Socket> {
  const { socket, raw } = await openClient('CONNECT+TLS', proxy);
  atEnd(() => raw.destroy());
  return socket;
}

/** How a client's connection ended: its error, or `end`. */
function endOf(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('end', () => resolve('end'));
  });
}

describe.each(VERSIONS)('%s: cut after bytes of the request', (version) => {
  it.each([
    ['reset', 'RST', false],
    ['close', 'FIN', true],
    ['abrupt', 'FIN', false],
    ['half-close', 'FIN', true],
  ] as const)('%s: %s, close_notify %s, and no answer', async (how, ended, notify) => {
    const { proxy, upstream } = await setUp({ kind: 'disconnect', how, at: { bytes_up: '40000B' } });
    const tap = await openTap(proxy.port);
    const socket = await openSecure(tap, version);
    if (typeof socket === 'string') throw new Error(`no tunnel: ${socket}`);
    const { received } = watch(socket);
    const end = endOf(socket);
    socket.on('secureConnect', () => {
      socket.write(POST + BODY.slice(0, 20_000));
      // The rest once the upstream has the start: so far nothing was cut.
      void expect
        .poll(() => upstream.connections[0]?.received().length ?? 0)
        .toBeGreaterThan(20_000)
        .then(() => socket.write(BODY.slice(20_000)));
    });
    await end;
    const tapped = await tap.first();
    expect(await tapped.ended).toBe(ended);
    expect(endsWithCloseNotify(tapped, version)).toBe(notify);
    expect(received()).toHaveLength(0);
    expect(await proxy.event('fault.applied')).toMatchObject({ effect: `${how} after 40000 bytes up` });
    const over = await proxy.event('exchange.ended');
    expect(over).toMatchObject({ how: 'fault-end', cause: 'injected', status: 0, source: 'none' });
    expect(over.bytesUp).toBeGreaterThanOrEqual(40_000);
    await upstream.connections[0]?.ended;
    expect(upstream.connections[0]?.received().length).toBeLessThan(POST.length + BODY.length);
  });
});

it('hang after bytes of the request: the client can send it all, and hears nothing', async () => {
  const { proxy, upstream } = await setUp({ kind: 'disconnect', how: 'hang', at: { bytes_up: '1000B' } });
  const socket = await connected(proxy);
  const { received } = watch(socket);
  await new Promise((resolve) => socket.write(POST + BODY, resolve));
  expect(await proxy.event('fault.applied')).toMatchObject({ effect: 'hang after 1000 bytes up' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(received()).toHaveLength(0);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
  expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', cause: 'injected' });
  expect(upstream.connections[0]?.received().length ?? 0).toBeLessThan(POST.length + BODY.length);
});

it('a request that is shorter passes whole, and the cut is told as skipped', async () => {
  const { proxy } = await setUp({ kind: 'disconnect', at: { bytes_up: '1MiB' } });
  const socket = await connected(proxy);
  const { until } = watch(socket);
  socket.write(POST + BODY);
  await until('ok');
  const bytes = POST.length + BODY.length;
  expect(await proxy.event('fault.skipped')).toMatchObject({
    reason: `the request had ${bytes} bytes, the cut was planned after ${1024 * 1024}`,
  });
  expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete', cause: null });
});

describe('between two calls', () => {
  it('a connection in use again before its time is left alone, and the skip is told', async () => {
    const { proxy } = await setUp({ kind: 'disconnect', how: 'reset', at: { idle: '150ms' } });
    const socket = await connected(proxy);
    const { until } = watch(socket);
    socket.write(POST + BODY);
    await until('ok');
    socket.write(POST + BODY);
    await until('ok', 2);
    expect(await proxy.event('fault.skipped')).toMatchObject({
      exchange: 0, // of the connection: the call itself went well, and is over
      reason: 'the connection was in use again, or gone, before its idle time was over',
    });
    expect(await proxy.event('fault.applied')).toMatchObject({
      exchange: 0,
      effect: 'reset after 150 ms idle',
    });
    const ended = proxy.events.filter(({ type }) => type === 'exchange.ended');
    expect(ended).toMatchObject([
      { how: 'complete', cause: null },
      { how: 'complete', cause: null },
    ]);
    expect(foldEvents(proxy.events).summary).toMatchObject({
      seen: 2,
      passed: 2,
      injected: 0,
      connectionsInjected: 1,
      skipped: 1,
    });
  });

  it('a connection that is not kept cannot be ended while idle', async () => {
    const { proxy } = await setUp({ kind: 'disconnect', at: { idle: '1ms' } });
    const socket = await connected(proxy);
    const { until } = watch(socket);
    socket.write(POST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + BODY);
    await until('ok');
    expect(await proxy.event('fault.skipped')).toMatchObject({
      exchange: 0,
      reason: 'the connection was not kept alive',
    });
  });

  it.each(['reset', 'close'] as const)('%s under the second call of a kept connection', async (how) => {
    const { proxy } = await setUp({ kind: 'disconnect', how });
    proxy.replaceRules(
      compileRules([{ when: { connection: 'reused' }, fault: { kind: 'disconnect', how } }], {
        seed: '1',
        messages: 'real',
      }),
    );
    const socket = await connected(proxy);
    const { until, received } = watch(socket);
    const end = endOf(socket);
    socket.write(POST + BODY);
    await until('ok');
    socket.write(POST + BODY);
    expect(await end).toBe(how === 'reset' ? 'ECONNRESET' : 'end');
    expect(
      received()
        .toString()
        .match(/HTTP\/1\.1 200/g),
    ).toHaveLength(1);
    const over = (exchange: number) => proxy.event('exchange.ended', (event) => event.exchange === exchange);
    expect(await over(1)).toMatchObject({ how: 'complete', cause: null });
    expect(await over(2)).toMatchObject({ how: 'fault-end', cause: 'injected' });
  });
});

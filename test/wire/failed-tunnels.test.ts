/** Tunnels to other hosts whose upstream cannot be reached, or leaves before anybody has said a word. */
import net from 'node:net';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { testAuthority } from '../support/modes.ts';
import { freePort } from '../support/ports.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import { rawUpstream, type UpstreamSocket, watch } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

const QUICK = { interval: 5 };

async function tunnelTo(proxy: TestProxy, authority: string): Promise<UpstreamSocket> {
  const socket = net.connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  atEnd(() => socket.destroy());
  const peer = watch(socket);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  await peer.until('\r\n\r\n');
  return peer;
}

it('a silent client is let go, and told of, when the address refuses', async () => {
  const clock = new FakeClock();
  const proxy = await testProxy({ clock });
  const port = await freePort();
  const client = await tunnelTo(proxy, `127.0.0.1:${port}`);
  await expect.poll(() => clock.pending, QUICK).toBe(1);
  clock.advance(999);
  expect(proxy.events).toEqual([]);
  clock.advance(1);
  await client.ended;
  const { code, host, message } = await proxy.event('connection.error');
  expect({ code, host, message }).toEqual({
    code: 'upstream-refused',
    host: '127.0.0.1',
    message: `127.0.0.1:${port} refused the connection`,
  });
});

it('a client that names a target in the meantime is served all the same', async () => {
  const clock = new FakeClock();
  const proxy = await testProxy({ clock, rules: testRules(() => overloaded()) });
  const { socket } = await tunnelTo(proxy, `127.0.0.1:${await freePort()}`);
  await expect.poll(() => clock.pending, QUICK).toBe(1);
  const ca = (await testAuthority()).certificatePem;
  const secure = tls.connect({ socket, servername: 'api.anthropic.com', ca });
  const inner = watch(secure);
  secure.write('GET / HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
  await inner.until('Overloaded');
  expect(clock.pending).toBe(0);
  expect(proxy.events.filter(({ type }) => type === 'connection.error')).toEqual([]);
});

it('a reset of the upstream reaches a silent client as a reset, and is told', async () => {
  const clock = new FakeClock();
  const upstream = await rawUpstream(({ socket }) => setImmediate(() => socket.resetAndDestroy()), {
    tls: false,
  });
  atEnd(() => upstream.close());
  const proxy = await testProxy({ clock });
  const client = await tunnelTo(proxy, `127.0.0.1:${upstream.port}`);
  await expect.poll(() => clock.pending, QUICK).toBe(1);
  clock.advance(1_000);
  expect(await client.ended).toBe('reset');
  expect(await proxy.event('connection.error')).toMatchObject({ code: 'upstream-reset' });
});

it('a client that leaves while its upstream is dialled is told as that, and nothing is left of the dial', async () => {
  const upstream = await rawUpstream(() => {}, { tls: false });
  atEnd(() => upstream.close());
  const proxy = await testProxy({ upstreamProxy: upstream.url });
  const socket = net.connect(proxy.port, '127.0.0.1');
  socket.write('CONNECT other.example:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(() => upstream.connections.length, QUICK).toBe(1);
  socket.resetAndDestroy();
  expect(await proxy.event('connection.error')).toMatchObject({ code: 'client-left', host: 'other.example' });
  await upstream.connections[0]!.ended;
});

it('a client that was told of a failure and stays is let go', async () => {
  const proxy = await testProxy();
  const client = await tunnelTo(proxy, `localhost:${await freePort()}`);
  const { clock } = proxy.engine.options;
  for (const live of proxy.engine.live) live.sweep(clock.now());
  expect(proxy.engine.live.size).toBe(1);
  for (const live of proxy.engine.live) live.sweep(clock.now() + 10_000);
  await client.ended;
  await expect.poll(() => proxy.engine.live.size, QUICK).toBe(0);
});

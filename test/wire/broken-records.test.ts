/** Bytes that are no TLS on an established TLS connection: Node tells an error and leaves the socket open. */
import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import { openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { rawUpstream, type UpstreamSocket, watch } from '../support/raw-upstream.ts';

/** A record of application data that nothing decrypts. */
const GARBAGE = Buffer.concat([Buffer.from([0x17, 3, 3, 0, 40]), Buffer.alloc(40, 7)]);

interface Wire {
  readonly port: number;
  /** Its near ends: what is written to one goes to whoever dialled. */
  readonly near: net.Socket[];
  /** Its far ends. */
  readonly far: net.Socket[];
}

/** A wire to a port of this machine, on which a test can write. */
async function wireTo(port: () => number): Promise<Wire> {
  const near: net.Socket[] = [];
  const far: net.Socket[] = [];
  const server = net.createServer((socket) => {
    const other = net.connect(port(), '127.0.0.1');
    near.push(socket);
    far.push(other);
    for (const one of [socket, other]) one.on('error', () => {});
    socket.pipe(other).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  atEnd(() => {
    for (const socket of [...near, ...far]) socket.destroy();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, near, far };
}

/** A proxy whose upstream lies behind a wire, and a client of it. */
async function behindWire(serve: (peer: UpstreamSocket) => void) {
  const upstream = await rawUpstream(serve);
  atEnd(() => upstream.close());
  const wire = await wireTo(() => upstream.port);
  const proxy = await testProxy({
    upstream: { kind: 'url', url: new URL(`https://127.0.0.1:${wire.port}`) },
    upstreamCa: upstream.ca,
  });
  const client = await openClient('origin-form', proxy);
  atEnd(() => client.raw.destroy());
  const garble = (): void => void wire.near[0]!.write(GARBAGE);
  return { proxy, client: client.socket, peer: watch(client.socket), garble, near: wire.near };
}

it('of the upstream, before its answer: a natural 502', async () => {
  const { client, peer, garble, proxy, near } = await behindWire(({ socket }) =>
    socket.once('data', () => garble()),
  );
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until('}}');
  expect(await proxy.event('exchange.error')).toMatchObject({
    code: 'upstream-tls',
    message: expect.stringMatching(/^TLS with 127\.0\.0\.1:\d+ failed: [\w ]+ \(ERR_SSL_[A-Z_]+\)$/),
  });
  if (!near[0]!.destroyed) await once(near[0]!, 'close');
});

it('of the upstream, amid its answer: the client is broken off', async () => {
  const { client, peer, garble, proxy } = await behindWire(({ socket }) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')),
  );
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until('half');
  garble();
  expect(await peer.ended).toBe('reset');
  expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'upstream-abort', cause: 'natural' });
});

it('of the upstream, behind a switch of protocols: both sides are broken off', async () => {
  const { client, peer, garble, near } = await behindWire(({ socket }) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ),
  );
  client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
  await peer.until('101');
  const closed = once(near[0]!, 'close');
  garble();
  expect(await peer.ended).toBe('reset');
  await closed;
});

it('of the client, amid its request: the call ends, and so does the upstream’s connection', async () => {
  const upstream = await rawUpstream(() => {});
  atEnd(() => upstream.close());
  const proxy = await testProxy({ upstream: { kind: 'url', url: upstream.url }, upstreamCa: upstream.ca });
  const wire = await wireTo(() => proxy.port);
  const client = await openClient('CONNECT+TLS', { ...proxy, port: wire.port });
  atEnd(() => client.raw.destroy());
  client.socket.write('POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
  await expect.poll(() => upstream.connections[0]?.received().toString(), { interval: 5 }).toMatch('half');
  wire.far[0]!.write(GARBAGE);
  expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'client-abort', cause: 'natural' });
  await upstream.connections[0]!.ended;
});

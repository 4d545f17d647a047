/** Stops a proxy in every state that a call, a tunnel or a dial can be in: it ends, and so does all that it held; all is told. */
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { ProxyOptions } from '../../src/app/proxy.ts';
import type { Effect } from '../../src/core/effect.ts';
import { setUp } from '../support/exchange-setup.ts';
import { testAuthority } from '../support/modes.ts';
import { freePort } from '../support/ports.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import { rawUpstream, type UpstreamSocket, watch } from '../support/raw-upstream.ts';
import { testRules } from '../support/rules.ts';

/** A proxy in some state, with both ends of what it holds. */
interface Held {
  readonly proxy: TestProxy;
  readonly client: UpstreamSocket;
  readonly upstream?: { readonly connections: readonly UpstreamSocket[] };
}

/** What is told of the end: of a call one `exchange.ended`, of a tunnel one event of its connection. */
type Told = 'call' | 'tunnel' | 'nothing';

const QUICK = { interval: 5 };
const GET = 'GET /v1/x';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n';
const BIG = Buffer.alloc(30_000_000, 'a');

function plain(serve: (peer: UpstreamSocket) => void) {
  return rawUpstream(serve, { tls: false }).then((upstream) => {
    atEnd(() => upstream.close());
    return upstream;
  });
}

function connect(proxy: TestProxy, first: string): UpstreamSocket {
  const socket = net.connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  atEnd(() => socket.destroy());
  socket.write(first);
  return watch(socket);
}

const connectTo = (authority: string): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;

/** A call by TLS whose upstream does what `serve` does, once `until` has come to pass. */
async function calling(
  serve: (peer: UpstreamSocket) => void,
  until: (
    held: Held & { readonly upstream: { readonly connections: readonly UpstreamSocket[] } },
  ) => Promise<unknown>,
  effects?: Effect | readonly Effect[],
  rest?: string,
): Promise<Held> {
  const { proxy, upstream, peer, send } = await setUp('CONNECT+TLS', serve, {
    rules: testRules(() => effects),
  });
  send(GET, rest);
  const held = { proxy, upstream, client: peer };
  await until(held);
  return held;
}

/** A call or a tunnel whose upstream proxy takes its connection and says nothing. */
async function dialling(first: string, options: Partial<ProxyOptions> = {}): Promise<Held> {
  const upstream = await plain(() => {});
  const proxy = await testProxy({ upstreamProxy: upstream.url, ...options });
  const client = connect(proxy, first);
  await expect.poll(() => upstream.connections[0]?.received().toString(), QUICK).toMatch('CONNECT');
  return { proxy, client, upstream };
}

async function answered(text: string, { client }: Held): Promise<void> {
  await client.until(text);
}

const decided = ({ proxy }: Held): Promise<unknown> => proxy.event('exchange.decided');
const asked = async ({ upstream }: Held): Promise<unknown> => {
  await expect.poll(() => upstream?.connections.length, QUICK).toBe(1);
  return upstream!.connections[0]!.until('\r\n\r\n');
};
const says =
  (text: string | Buffer) =>
  ({ socket }: UpstreamSocket): void => {
    socket.once('data', () => socket.write(text));
  };

const STATES: Readonly<Record<string, readonly [Told, () => Promise<Held>]>> = {
  'nothing said': [
    'nothing',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, '');
      await expect.poll(() => proxy.engine.live.size, QUICK).toBe(1);
      return { proxy, client };
    },
  ],
  'half of a head': [
    'nothing',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, 'GET / HT');
      await expect.poll(() => proxy.engine.live.size, QUICK).toBe(1);
      return { proxy, client };
    },
  ],
  'half of an upload': ['call', () => calling(() => {}, asked, undefined, 'Content-Length: 9\r\n\r\nabc')],
  'a call whose upstream proxy is silent': ['call', () => dialling('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  'a call whose upstream is silent in the TLS handshake': [
    'call',
    async () => {
      const upstream = await plain(() => {});
      const proxy = await testProxy({
        upstream: { kind: 'url', url: new URL(`https://127.0.0.1:${upstream.port}`) },
      });
      const client = connect(proxy, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await expect.poll(() => upstream.connections[0]?.received().length ?? 0, QUICK).toBeGreaterThan(100);
      return { proxy, client, upstream };
    },
  ],
  'a call whose upstream does not answer': ['call', () => calling(() => {}, asked)],
  'half of an answer’s head': [
    'call',
    () => calling(says('HTTP/1.1 200 O'), (held) => Promise.all([asked(held), decided(held)])),
  ],
  'amid an answer': ['call', () => calling(says(HEAD), (held) => answered('\r\n\r\n', held))],
  'amid an answer that nobody reads': [
    'call',
    () =>
      calling(
        says(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n'), BIG])),
        async (held) => {
          await answered('\r\n\r\n', held);
          held.client.socket.pause();
        },
      ),
  ],
  'between two calls': [
    'call',
    () => calling(says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), (held) => answered('ok', held)),
  ],
  'a delay before the request': [
    'call',
    () => calling(() => {}, decided, { do: 'delay', at: 'request', ms: 60_000 }),
  ],
  'a delay before the answer': [
    'call',
    () =>
      calling(says(HEAD), ({ proxy }) => proxy.event('fault.applied'), {
        do: 'delay',
        at: 'head',
        ms: 60_000,
      }),
  ],
  'an answer slowed down': [
    'call',
    () =>
      calling(says(HEAD + 'a'.repeat(100)), (held) => answered('\r\n\r\n', held), {
        do: 'throttle',
        direction: 'down',
        bytesPerSecond: 1,
      }),
  ],
  'a hang': [
    'call',
    () =>
      calling(says(HEAD), ({ proxy }) => proxy.event('fault.applied'), {
        do: 'end',
        at: 'head',
        how: 'hang',
      }),
  ],
  'an upgraded connection': [
    'call',
    () =>
      calling(
        says('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
        (held) => answered('101', held),
        undefined,
        'Connection: upgrade\r\nUpgrade: x\r\n\r\n',
      ),
  ],
  'a tunnel to a target, nothing said': [
    'nothing',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, connectTo('api.anthropic.com:443'));
      await client.until('200');
      return { proxy, client };
    },
  ],
  'half of a TLS hello': [
    'nothing',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, connectTo('api.anthropic.com:443'));
      await client.until('200');
      client.socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]));
      return { proxy, client };
    },
  ],
  'TLS, nothing said': [
    'nothing',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, connectTo('api.anthropic.com:443'));
      await client.until('200');
      const ca = (await testAuthority()).certificatePem;
      const secure = tls.connect({ socket: client.socket, servername: 'api.anthropic.com', ca });
      secure.on('error', () => {});
      await new Promise((resolve) => secure.once('secureConnect', resolve));
      return { proxy, client: watch(secure) };
    },
  ],
  'a tunnel by name being dialled': ['tunnel', () => dialling(connectTo('other.example:443'))],
  'a tunnel by address being dialled': ['tunnel', () => dialling(connectTo('10.0.0.1:443'))],
  'a tunnel by address being dialled, its client heard': [
    'tunnel',
    () => dialling(`${connectTo('10.0.0.1:443')}SSH-2.0-x\r\n`),
  ],
  'a tunnel to a target that speaks another protocol, being dialled': [
    'tunnel',
    () => dialling(`${connectTo('api.anthropic.com:443')}\0\0\0\0`),
  ],
  'a tunnel by address, open and silent': [
    'tunnel',
    async () => {
      const upstream = await plain(() => {});
      const proxy = await testProxy();
      const client = connect(proxy, connectTo(`127.0.0.1:${upstream.port}`));
      await expect.poll(() => upstream.connections.length, QUICK).toBe(1);
      return { proxy, client, upstream };
    },
  ],
  'a tunnel by address that was refused': [
    'tunnel',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, connectTo(`127.0.0.1:${await freePort()}`));
      await client.until('200');
      return { proxy, client };
    },
  ],
  'a tunnel by name that was refused, its client still there': [
    'tunnel',
    async () => {
      const proxy = await testProxy();
      const client = connect(proxy, connectTo(`localhost:${await freePort()}`));
      await client.until('502');
      return { proxy, client };
    },
  ],
  'an open tunnel': [
    'tunnel',
    async () => {
      const upstream = await plain(({ socket }) => socket.write('hello'));
      const proxy = await testProxy();
      const client = connect(proxy, connectTo(`localhost:${upstream.port}`));
      await client.until('hello');
      return { proxy, client, upstream };
    },
  ],
  'an open tunnel whose client reads nothing': [
    'tunnel',
    async () => {
      const upstream = await plain(({ socket }) => socket.write(BIG));
      const proxy = await testProxy();
      const client = connect(proxy, connectTo(`localhost:${upstream.port}`));
      await client.until('aaa');
      client.socket.pause();
      return { proxy, client, upstream };
    },
  ],
};

const STOPS: Readonly<Record<string, (proxy: TestProxy) => Promise<unknown>>> = {
  'at once': (proxy) => proxy.close(0),
  'in a moment': (proxy) => proxy.close(30),
  'slowly, then at once': async (proxy) => {
    const slowly = proxy.close(3_600_000);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([proxy.close(0), slowly]);
  },
};

describe.each(Object.entries(STOPS))('a proxy that stops %s', (_how, stop) => {
  it.each(Object.entries(STATES))('ends %s', async (_state, [told, reach]) => {
    const { proxy, client, upstream } = await reach();
    await stop(proxy);
    const { events } = proxy;
    const count = events.length;
    expect(proxy.engine.live.size).toBe(0);
    expect(proxy.engine.pool.size).toBe(0);
    client.socket.resume();
    await client.ended;
    await Promise.all((upstream?.connections ?? []).map(({ ended }) => ended));
    const ended = events.filter(({ type }) => type === 'exchange.ended');
    expect(ended).toHaveLength(told === 'call' ? 1 : 0);
    const tunnels = events.filter(({ type }) => type === 'tunnel.ended' || type === 'connection.error');
    if (told === 'tunnel') expect(tunnels).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events.slice(count)).toEqual([]);
  });
});

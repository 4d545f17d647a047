/** The accept path: what becomes of a connection before its first call, and of tunnels that carry none. */
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { describe } from 'vitest';
import { type Play, playbook } from './playbook.ts';
import { OURSELVES, type Peer } from './stage.ts';
import { ANSWER, CONNECTED, connectTo, GET } from './words.ts';

const TARGET = 'api.anthropic.com:443';
const OTHER = 'other.example:443';
const ADDRESS = '10.0.0.1:443';
const IN_TUNNEL = 'GET /v1/models HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n';

/** A client whose CONNECT is answered at once. */
async function connected({ connects, we }: Play, authority: string): Promise<Peer> {
  const client = await connects();
  await client.says(connectTo(authority));
  we.send(client, CONNECTED);
  return client;
}

/** Both ways of a tunnel work, and both ends of it end. */
async function tunnels(client: Peer, upstream: Peer, { we }: Play, bytes: string): Promise<void> {
  await upstream.says('down');
  we.send(client, 'down');
  await client.says('up');
  we.send(upstream, 'up');
  await client.ends();
  we.end(upstream);
  await upstream.says('rest');
  we.send(client, 'rest');
  await upstream.ends();
  we.end(client);
  we.tell(`tunnel ended ${bytes} up, 8 down`);
}

/** The first words of a TLS client that asks for a host. */
function helloFor(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(bytes: Buffer, _, done) {
        resolve(bytes);
        done();
        queueMicrotask(() => client.destroy());
      },
    });
    const client = tls.connect({ servername, socket: wire });
    client.on('error', () => {});
  });
}

describe('a client that says nothing', () => {
  playbook('leaves', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.ends();
    we.end(client);
  });

  playbook('breaks off', {}, async ({ connects }) => {
    const client = await connects();
    await client.resets();
  });

  playbook('is let go of after ten minutes', {}, async ({ connects, we, clock }) => {
    const client = await connects();
    await clock.passes(599_999);
    we.wait();
    await clock.passes(1);
    we.drop(client);
  });

  playbook('is let go of when the proxy stops', {}, async ({ connects, we, stops }) => {
    const client = await connects();
    await stops(10_000);
    we.end(client);
  });
});

describe('a tunnel to a target', () => {
  playbook('with HTTP in it: a call', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, TARGET);
    await client.says(IN_TUNNEL);
    const upstream = we.dial('api.anthropic.com:443');
    we.tell('decided pass');
    await upstream.opens();
    we.send(upstream, IN_TUNNEL);
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.tell('head 200 upstream', 'ended complete');
    await client.ends();
    we.end(client);
  });

  playbook('with HTTP in it, letter by letter', { faults: ['overloaded'] }, async (play) => {
    const { we } = play;
    const client = await connected(play, TARGET);
    for (const byte of IN_TUNNEL) await client.says(byte);
    we.send(client, /^HTTP\/1\.1 529 /);
    we.tell('decided http-error', 'applied http-error', 'head 529 injected', 'ended complete, injected');
    await client.ends();
    we.end(client);
  });

  playbook('with something else in it: blind', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, TARGET);
    await client.says('\0\0\0\0');
    const upstream = we.dial(TARGET);
    await upstream.opens();
    we.send(upstream, '\0\0\0\0');
    await tunnels(client, upstream, play, '6');
  });

  playbook('with HTTP/2 without TLS in it: blind, and told', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, TARGET);
    await client.says('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const upstream = we.dial(TARGET);
    we.tell('notice client-http2-only');
    await upstream.opens();
    we.send(upstream, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await tunnels(client, upstream, play, '26');
  });

  playbook('with TLS for a host that is none: blind', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, TARGET);
    const hello = await helloFor('other.example');
    await client.says(hello.subarray(0, 50));
    we.wait();
    await client.says(hello.subarray(50));
    const upstream = we.dial(TARGET);
    await upstream.opens();
    we.send(upstream, hello.toString('latin1'));
    await tunnels(client, upstream, play, `${hello.length + 2}`);
  });

  playbook('in which nothing is said, until the client leaves', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, TARGET);
    await client.ends();
    we.end(client);
  });
});

describe('a tunnel to ourselves', () => {
  playbook('is served here', { faults: ['overloaded'] }, async (play) => {
    const { we } = play;
    const client = await connected(play, OURSELVES);
    await client.says(GET);
    we.send(client, /^HTTP\/1\.1 529 /);
    we.tell('decided http-error', 'applied http-error', 'head 529 injected', 'ended complete, injected');
    await client.ends();
    we.end(client);
  });

  playbook('within such a tunnel is refused', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, OURSELVES);
    await client.says(connectTo(OURSELVES));
    we.send(client, /^HTTP\/1\.1 400 .*x-proxy-error: loop/s);
    we.end(client);
    we.tell('connection error loop');
    await client.ends();
  });
});

describe('a tunnel to another host', () => {
  playbook('is blind', {}, async (play) => {
    const { connects, we } = play;
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await upstream.opens();
    we.send(client, CONNECTED);
    await tunnels(client, upstream, play, '2');
  });

  playbook('is refused beyond loopback', { openToOthers: false }, async ({ connects, we }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    we.send(client, /^HTTP\/1\.1 403 .*x-proxy-error: tunnel-refused/s);
    we.end(client);
    we.tell('connection error tunnel-refused');
    await client.ends();
  });

  playbook('that cannot be reached', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await upstream.fails('upstream-refused');
    we.send(client, /^HTTP\/1\.1 502 .*x-proxy-error: upstream-refused/s);
    we.end(client);
    we.tell('connection error upstream-refused');
    await client.ends();
  });

  playbook('whose client leaves while it is dialled', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await client.resets();
    we.giveUp(upstream);
    we.tell('connection error client-left');
  });

  playbook('whose client half-closes while it is dialled', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says(`${connectTo(OTHER)}up`);
    const upstream = we.dial(OTHER);
    await client.ends();
    await upstream.opens();
    we.send(client, CONNECTED);
    we.send(upstream, 'up');
    we.end(upstream);
    await upstream.says('down');
    we.send(client, 'down');
    await upstream.ends();
    we.end(client);
    we.tell('tunnel ended 2 up, 4 down');
  });

  playbook('whose upstream resets: so do we', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await upstream.opens();
    we.send(client, CONNECTED);
    await upstream.resets();
    we.reset(client);
    we.tell('tunnel ended 0 up, 0 down');
  });

  playbook('whose client resets: so do we', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await upstream.opens();
    we.send(client, CONNECTED);
    await client.resets();
    we.reset(upstream);
    we.tell('tunnel ended 0 up, 0 down');
  });

  playbook('whose client takes nothing slows its upstream', {}, async (play) => {
    const { connects, we } = play;
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await upstream.opens();
    we.send(client, CONNECTED);
    client.stalls();
    await upstream.says('a'.repeat(300));
    await upstream.says('b'.repeat(300));
    we.wait();
    await client.reads();
    we.send(client, 'a'.repeat(300) + 'b'.repeat(300));
    await client.ends();
    we.end(upstream);
    await upstream.ends();
    we.end(client);
    we.tell('tunnel ended 0 up, 600 down');
  });

  playbook('ends when the proxy stops while it is dialled', {}, async ({ connects, we, stops }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await stops(10_000);
    we.giveUp(upstream);
    we.send(client, /^HTTP\/1\.1 503 .*x-proxy-error: shutdown/s);
    we.end(client);
    we.tell('connection error shutdown');
  });

  playbook('has the grace of a proxy that stops, and no more', {}, async ({ connects, we, clock, stops }) => {
    const client = await connects();
    await client.says(connectTo(OTHER));
    const upstream = we.dial(OTHER);
    await upstream.opens();
    we.send(client, CONNECTED);
    await stops(10_000);
    await clock.passes(9_999);
    we.wait();
    await clock.passes(1);
    we.drop(client);
    we.drop(upstream);
    we.tell('tunnel ended 0 up, 0 down');
  });
});

describe('a tunnel to an address', () => {
  playbook('whose client speaks first, and no TLS', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, ADDRESS);
    const upstream = we.dial(ADDRESS);
    await client.says('SSH-2.0-x\r\n');
    await upstream.opens();
    we.send(upstream, 'SSH-2.0-x\r\n');
    await tunnels(client, upstream, play, '13');
  });

  playbook('whose server speaks first', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, ADDRESS);
    const upstream = we.dial(ADDRESS);
    await upstream.opens();
    await tunnels(client, upstream, play, '2');
  });

  playbook('whose hello names another host: blind', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, ADDRESS);
    const upstream = we.dial(ADDRESS);
    await upstream.opens();
    const hello = await helloFor('other.example');
    await client.says(hello);
    we.send(upstream, hello.toString('latin1'));
    await tunnels(client, upstream, play, `${hello.length + 2}`);
  });

  playbook('that cannot be reached, and whose client is silent for a second', {}, async (play) => {
    const { we, clock } = play;
    const client = await connected(play, ADDRESS);
    const upstream = we.dial(ADDRESS);
    await upstream.fails('upstream-refused');
    await clock.passes(999);
    we.wait();
    await clock.passes(1);
    we.drop(client);
    we.tell('connection error upstream-refused');
  });

  playbook('that was reset, and whose client is silent for a second', {}, async (play) => {
    const { we, clock } = play;
    const client = await connected(play, ADDRESS);
    const upstream = we.dial(ADDRESS);
    await upstream.opens();
    await upstream.resets();
    await clock.passes(1_000);
    we.reset(client);
    we.tell('connection error upstream-reset');
  });

  playbook('whose client leaves without a word', {}, async (play) => {
    const { we } = play;
    const client = await connected(play, ADDRESS);
    const upstream = we.dial(ADDRESS);
    await client.resets();
    we.giveUp(upstream);
    we.tell('connection error client-left');
  });
});

describe('rules on connections', () => {
  const accepted = ['connection decided slow-accept', 'applied slow-accept'];

  playbook(
    'a tunnel is accepted slowly',
    { faults: [{ kind: 'slow-accept', delay: '3s' }] },
    async (play) => {
      const { we, clock } = play;
      const client = await connected(play, TARGET);
      we.tell(...accepted);
      await client.says('\0\0\0\0');
      await clock.passes(2_999);
      we.wait();
      await clock.passes(1);
      const upstream = we.dial(TARGET);
      await upstream.opens();
      we.send(upstream, '\0\0\0\0');
      await tunnels(client, upstream, play, '6');
    },
  );

  playbook(
    'a plain connection is accepted slowly',
    { faults: [{ kind: 'slow-accept', delay: '3s' }] },
    async (play) => {
      const { connects, we, clock } = play;
      const client = await connects();
      await client.says(GET);
      we.tell(...accepted);
      await clock.passes(3_000);
      const upstream = we.dial('api.anthropic.com:443');
      we.tell('decided pass');
      await upstream.opens();
      we.send(upstream, /^GET /);
      await upstream.says(ANSWER);
      we.send(client, ANSWER);
      we.tell('head 200 upstream', 'ended complete');
      await client.ends();
      we.end(client);
    },
  );

  playbook(
    'its client leaves while it is accepted',
    { faults: [{ kind: 'slow-accept', delay: '3s' }] },
    async (play) => {
      const { we } = play;
      const client = await connected(play, TARGET);
      we.tell(...accepted);
      await client.resets();
    },
  );

  playbook(
    'the proxy stops while it is accepted',
    { faults: [{ kind: 'slow-accept', delay: '3s' }] },
    async (play) => {
      const { we, stops } = play;
      const client = await connected(play, TARGET);
      we.tell(...accepted);
      await stops(0);
      we.drop(client);
    },
  );

  playbook(
    'a tunnel is refused',
    { faults: [{ kind: 'refuse-connect', status: 407 }] },
    async ({ connects, we }) => {
      const client = await connects();
      await client.says(connectTo(TARGET));
      we.send(client, /^HTTP\/1\.1 407 /);
      we.end(client);
      we.tell('connection decided refuse-connect', 'applied refuse-connect');
      await client.ends();
    },
  );

  playbook(
    'a tunnel is reset',
    { faults: [{ kind: 'connect-failure', how: 'reset', at: 'accept' }] },
    async (play) => {
      const { we, clock } = play;
      const client = await connected(play, TARGET);
      we.tell('connection decided connect-failure', 'applied connect-failure');
      await clock.passes(20);
      we.reset(client);
    },
  );
});

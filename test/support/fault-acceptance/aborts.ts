/** Acceptance tests 9: clients that leave at every stage, and upstreams of every sort. Nothing of them may stay. */
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../src/observe/bus.ts';
import { type JumpClock, jumpClock } from '../jump-clock.ts';
import { atEnd } from '../proxy.ts';
import { MESSAGE } from './api.ts';
import { type AcceptanceBench, acceptanceBench, type StartCaller } from './bench.ts';
import { failure, nodeCall, openSecure, openTunnel, tunnelAgent } from './node-client.ts';

/** Long enough for nothing to be seen of what must not happen. */
const NOTHING_MS = 150;

/** Fault tells of no end: what is left is found by its silence, which passes here by leaps. */
const silence = (clock: JumpClock): void => clock.jump(60_000);

/** Nothing is left: neither of the plugin's tunnels, nor of the caller's, nor at the API. */
async function allGone(bench: AcceptanceBench, clock: JumpClock): Promise<void> {
  const left = (): unknown => {
    silence(clock);
    return [bench.plugin.tunnels, bench.caller.tunnels?.() ?? 0, bench.api.connections];
  };
  await expect.poll(left, { timeout: 10_000, interval: 10 }).toEqual([0, 0, 0]);
}

/** The plugin has forgotten its tunnels. */
async function forgotten(bench: AcceptanceBench, clock: JumpClock): Promise<void> {
  const left = (): number => {
    silence(clock);
    return bench.plugin.tunnels;
  };
  await expect.poll(left, { timeout: 10_000, interval: 10 }).toBe(0);
}

const STAGES: Readonly<Record<string, (bench: AcceptanceBench, clock: JumpClock) => Promise<void>>> = {
  'before a byte': async (bench) => void (await openTunnel(bench)).destroy(),
  'amid the ClientHello': async (bench) => {
    const raw = await openTunnel(bench);
    raw.write(Buffer.from('1603010200010001fc0303', 'hex'));
    raw.end();
  },
  'after the handshake': async (bench) => void (await openSecure(bench)).destroy(),
  'amid an upload': async (bench, clock) => {
    const socket = await openSecure(bench);
    socket.write('POST /hash HTTP/1.1\r\nHost: api.anthropic.com\r\nContent-Length: 100000\r\n\r\n');
    // Enough for whole TLS records: what comes of half of one waits for the rest.
    socket.write(Buffer.alloc(60_000));
    await expect.poll(() => bench.api.requests.length, { timeout: 5_000 }).toBe(1);
    socket.destroy();
    await forgotten(bench, clock);
    // Fault itself waits on for the upstream, which waits for the rest of the body until its own patience ends.
    bench.api.hangUp();
  },
  'amid events': async (bench) => {
    const socket = await openSecure(bench);
    socket.write('GET /events/100000 HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
  },
  'while nothing answers': async (bench) => {
    const socket = await openSecure(bench);
    socket.write('GET /never HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
    await expect.poll(() => bench.api.requests.length, { timeout: 5_000 }).toBe(1);
    socket.destroy();
    // This is heard without a silence; one that came before it would have the plugin forget what it is told of.
    await expect.poll(() => bench.api.connections).toBe(0);
  },
};

export function describeAborts(start: StartCaller): void {
  describe('9 a client that leaves', () => {
    it.each(Object.entries(STAGES))(
      '%s',
      async (_name, leave) => {
        const clock = jumpClock();
        const bench = await acceptanceBench(start, { plugin: { clock } });
        await leave(bench, clock);
        await allGone(bench, clock);
        const answer = await nodeCall(tunnelAgent(bench), { path: '/message' });
        expect(answer.body.toString()).toBe(MESSAGE);
      },
      40_000,
    );
  });

  describe('9 a client that stays and falls silent', () => {
    it.each([
      ['amid its hello', false],
      ['after its handshake', true],
    ])(
      '%s: its tunnel is closed after the idle time, and stays closed',
      async (_name, secured) => {
        const clock = jumpClock();
        const bench = await acceptanceBench(start, { plugin: { clock } });
        const socket = secured ? await openSecure(bench) : await openTunnel(bench);
        atEnd(() => void socket.destroy());
        socket.on('error', () => {});
        if (!secured) socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
        await expect.poll(() => bench.plugin.tunnels, { timeout: 5_000 }).toBe(1);
        clock.jump(119_000);
        expect(bench.plugin.tunnels).toBe(1);
        await forgotten(bench, clock);
        if (secured) socket.write('GET /message HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
        await pause(NOTHING_MS);
        expect(bench.plugin.tunnels).toBe(0);
        expect(bench.api.requests).toEqual([]);
      },
      30_000,
    );
  });

  describe('9 an upstream', () => {
    it('that speaks TLS 1.2 alone', async () => {
      const bench = await acceptanceBench(start, { tls: { maxVersion: 'TLSv1.2' } });
      const agent = tunnelAgent(bench);
      expect((await nodeCall(agent, { path: '/message' })).body.toString()).toBe(MESSAGE);
      expect((await nodeCall(agent, { path: '/message', headers: { 'x-want': 529 } })).status).toBe(529);
    });

    it('that gives no tickets', async () => {
      const { constants } = await import('node:crypto');
      const bench = await acceptanceBench(start, { tls: { secureOptions: constants.SSL_OP_NO_TICKET } });
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const agent = tunnelAgent(bench, { minVersion: version, maxVersion: version });
        expect((await nodeCall(agent, { path: '/message', headers: { 'x-want': 429 } })).status).toBe(429);
        expect((await nodeCall(agent, { path: '/message' })).body.toString()).toBe(MESSAGE);
      }
    });

    it('that wants another key share (HelloRetryRequest)', async () => {
      const bench = await acceptanceBench(start, { tls: { ecdhCurve: 'P-521', minVersion: 'TLSv1.3' } });
      const agent = tunnelAgent(bench, { ecdhCurve: 'X25519:P-256' });
      expect((await nodeCall(agent, { path: '/message', headers: { 'x-want': 529 } })).status).toBe(529);
      expect((await nodeCall(agent, { path: '/message' })).body.toString()).toBe(MESSAGE);
    });

    it('that breaks off instead of answering', async () => {
      const bench = await acceptanceBench(start);
      expect(await failure(nodeCall(tunnelAgent(bench), { path: '/reset' }))).toBe('ECONNRESET');
      expect((await nodeCall(tunnelAgent(bench), { path: '/message' })).status).toBe(200);
    });

    // Fault tells the plugin nothing, and a client that was cut off says no goodbye.
    it('that breaks off amid its answer: the call ends after ten minutes of silence, and nothing stays', async () => {
      const bus = new EventBus();
      const ended: string[] = [];
      bus.subscribe((event) => {
        if (event.type === 'exchange.ended') ended.push(`${event.how} ${event.cause}`);
      });
      const clock = jumpClock();
      const bench = await acceptanceBench(start, { plugin: { bus, clock } });
      let said = (): void => {};
      const begun = new Promise<void>((resolve) => {
        said = resolve;
      });
      const call = failure(nodeCall(tunnelAgent(bench), { path: '/events/100000', onData: said }));
      await begun;
      bench.api.hangUp();
      expect(await call).toBe('ECONNRESET');
      clock.jump(580_000);
      expect(ended).toEqual([]);
      await allGone(bench, clock);
      await expect.poll(() => ended).toEqual(['upstream-abort natural']);
    }, 15_000);

    it('with a certificate that nobody trusts', async () => {
      const bench = await acceptanceBench(start, {
        upstreamCa: (await import('../certificates.ts')).testCertificate('other').ca,
      });
      // As the standalone proxy has it: an answer of our own that says why, marked as natural.
      const answer = await nodeCall(tunnelAgent(bench), { path: '/message' });
      expect(answer.status).toBe(502);
      expect(answer.headers['x-proxy-error']).toBe('upstream-tls');
      expect(bench.api.requests).toEqual([]);
    });

    it('that ends at once', async () => {
      const bench = await acceptanceBench(start, { apiPort: await upstreamThat((socket) => socket.end()) });
      expect(await failure(nodeCall(tunnelAgent(bench), { path: '/message' }))).not.toBe('no failure');
    });

    // Fault ends one copy on an error, waits for the other, and tells the plugin nothing: nobody can end the client's wait.
    it('that resets at once: fault leaves the client waiting, and nothing stays once it leaves', async () => {
      let resets = 0;
      const apiPort = await upstreamThat((socket) => {
        resets += 1;
        socket.resetAndDestroy();
      });
      const clock = jumpClock();
      const bench = await acceptanceBench(start, { apiPort, plugin: { clock } });
      const raw = await openTunnel(bench);
      let over = false;
      raw.on('end', () => (over = true)).on('close', () => (over = true));
      const socket = tls.connect({ socket: raw, servername: 'api.anthropic.com', ca: bench.ca });
      socket.on('error', () => {});
      await expect.poll(() => resets, { timeout: 5_000 }).toBe(1);
      await pause(NOTHING_MS);
      expect(over).toBe(false);
      raw.destroy();
      await allGone(bench, clock);
    });
  });
}

/** A server that does this to whoever has spoken. @returns its port */
async function upstreamThat(serve: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => serve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import { testAuthority } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { watch } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

async function opened(effects: Effect | readonly Effect[]) {
  const proxy = await testProxy({ rules: testRules(() => overloaded(), { connection: () => effects }) });
  const socket = net.connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
  atEnd(() => socket.destroy());
  return { proxy, socket, peer: watch(socket) };
}

const CONNECT = 'CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n';

async function shake(socket: net.Socket, version: tls.SecureVersion): Promise<string> {
  const ca = (await testAuthority()).certificatePem;
  const client = tls.connect({
    socket,
    servername: 'api.anthropic.com',
    ca,
    minVersion: version,
    maxVersion: version,
  });
  return new Promise((resolve) => {
    client.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    client.on('secureConnect', () => {
      client.on('end', () => resolve('end after the handshake'));
      client.resume();
    });
    client.on('close', () => resolve('closed'));
  });
}

describe('connection effects', () => {
  it('a tunnel refused with a status of its own', async () => {
    const { proxy, socket, peer } = await opened({
      do: 'refuse',
      status: 407,
      reason: 'Proxy Authentication Required',
      headers: [['Proxy-Authenticate', 'Basic realm="x"']],
      body: 'no',
    });
    socket.write(CONNECT);
    expect(await peer.ended).toBe('end');
    expect(peer.received().toString()).toMatch(
      /^HTTP\/1\.1 407 Proxy Authentication Required\r\n[\s\S]*Basic realm[\s\S]*no$/,
    );
    expect(await proxy.event('connection.decided')).toMatchObject({
      rule: 'test',
      host: 'api.anthropic.com',
      why: 'the test says so',
    });
    expect(await proxy.event('fault.applied')).toMatchObject({
      exchange: 0,
      effect: 'refused the tunnel with 407',
    });
  });

  it.each([
    ['a tunnel', CONNECT],
    ['a base-URL call', 'GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an absolute-form call', 'GET http://api.anthropic.com/ HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n'],
  ])('%s reset at accept', async (_, bytes) => {
    const { proxy, socket, peer } = await opened({ do: 'end', at: 'accept', how: 'reset' });
    socket.write(bytes);
    expect(await peer.ended).toBe('reset');
    expect(await proxy.event('fault.applied')).toMatchObject({
      effect: 'reset before the first byte was read',
    });
    expect(proxy.events.some(({ type }) => type === 'exchange.decided')).toBe(false);
  });

  it('a slow accept delays a call and loses none of a pipeline', async () => {
    const { socket, peer } = await opened({ do: 'delay', at: 'accept', ms: 60 });
    const started = performance.now();
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.until('overloaded_error', 2);
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
    it.each([
      [{ do: 'tls', as: 'expired' }, 'CERT_HAS_EXPIRED'],
      [{ do: 'tls', as: 'wrong-host' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      [
        { do: 'tls', as: 'untrusted' },
        /UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)|SELF_SIGNED_CERT_IN_CHAIN/,
      ],
      [{ do: 'tls', as: 'self-signed' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      [{ do: 'tls', as: 'old-protocol' }, /PROTOCOL_VERSION/],
      [{ do: 'tls', as: 'alert' }, /HANDSHAKE_FAILURE/],
      [{ do: 'end', at: 'tls', how: 'close' }, 'ECONNRESET'],
      [{ do: 'end', at: 'tls', how: 'reset' }, 'ECONNRESET'],
      [{ do: 'end', at: 'secure', how: 'close' }, 'end after the handshake'],
      [{ do: 'end', at: 'secure', how: 'reset' }, 'ECONNRESET'],
    ] as const)('%j is seen as %s, and as nobody’s distrust', async (effect, seen) => {
      const { proxy, socket, peer } = await opened(effect);
      socket.write(CONNECT);
      await peer.until('200 Connection established');
      socket.removeAllListeners('data');
      expect(await shake(socket, version)).toMatch(seen);
      expect(await proxy.event('fault.applied')).toMatchObject({ exchange: 0, rule: 'test' });
      expect(proxy.events.some(({ type }) => type === 'notice')).toBe(false);
    });
  });

  it('what does not fit the connection is told as skipped', async () => {
    const { proxy, socket, peer } = await opened({ do: 'tls', as: 'expired' });
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.until('overloaded_error');
    expect(await proxy.event('fault.skipped')).toMatchObject({
      exchange: 0,
      reason: '`tls` does not fit this connection',
    });
  });
});

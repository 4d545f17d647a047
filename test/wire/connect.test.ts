import { existsSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { testCertificate } from '../support/certificates.ts';
import { testAuthority } from '../support/modes.ts';
import { freePort } from '../support/ports.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import {
  answering,
  type RawUpstream,
  rawUpstream,
  type UpstreamSocket,
  watch,
} from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function open(port: number): { socket: net.Socket; peer: UpstreamSocket } {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  atEnd(() => socket.destroy());
  return { socket, peer: watch(socket) };
}

async function tunnel(
  proxy: TestProxy,
  authority: string,
): Promise<{ socket: net.Socket; peer: UpstreamSocket }> {
  const opened = open(proxy.port);
  opened.socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  await opened.peer.until('\r\n\r\n');
  return opened;
}

async function secure(socket: net.Socket, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  const ca = (await testAuthority()).certificatePem;
  const client = tls.connect({ socket, servername: 'api.anthropic.com', ca, ...options });
  await new Promise<void>((resolve, reject) => {
    client.once('secureConnect', () => resolve());
    client.once('error', reject);
  });
  return client;
}

async function plainUpstream(answer: string | Buffer = OK): Promise<RawUpstream> {
  const upstream = await rawUpstream(
    answering(() => answer),
    { tls: false },
  );
  atEnd(() => upstream.close());
  return upstream;
}

describe('CONNECT', () => {
  it('answers 200 without headers and uses the bytes that came in the same packet', async () => {
    const upstream = await plainUpstream();
    const proxy = await testProxy({ upstream: { kind: 'url', url: upstream.url } });
    const { socket, peer } = open(proxy.port);
    socket.write(
      'CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: x\r\n\r\nPATCH /v1/x HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n',
    );
    await peer.until('ok');
    expect(peer.received().toString()).toBe(`HTTP/1.1 200 Connection established\r\n\r\n${OK}`);
    expect(upstream.connections[0]?.received().toString()).toContain('PATCH /v1/x');
  });

  it('lets every TLS version in, and resumes sessions', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const seen: string[] = [];
    let session: Buffer | undefined;
    for (const version of ['TLSv1.2', 'TLSv1.3', 'TLSv1.3'] as const) {
      const { socket } = await tunnel(proxy, 'api.anthropic.com:443');
      const client = await secure(socket, {
        minVersion: version,
        maxVersion: version,
        ...(session && version === 'TLSv1.3' && seen.length === 2 ? { session } : {}),
      });
      seen.push(`${client.getProtocol()} ${client.isSessionReused()}`);
      client.on('session', (fresh) => {
        session = fresh;
      });
      const inner = watch(client);
      client.write('GET / HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
      await inner.until('Overloaded');
    }
    expect(seen).toEqual(['TLSv1.2 false', 'TLSv1.3 false', 'TLSv1.3 true']);
  });

  it('certifies the CONNECT host for a client without SNI, and an IP target by its address', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const { socket } = await tunnel(proxy, 'api.anthropic.com:443');
    const client = await secure(socket, { servername: '', checkServerIdentity: () => undefined });
    expect(client.getPeerX509Certificate()?.subjectAltName).toBe('DNS:api.anthropic.com');
  });

  it('intercepts a tunnel to an IP address if its hello names a target, and only then', async () => {
    const certificate = testCertificate('other.example');
    const server = tls.createServer({ key: certificate.key, cert: certificate.cert }, (socket) =>
      socket.end('other'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEnd(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });

    const blind = await tunnel(proxy, `127.0.0.1:${port}`);
    const other = await secure(blind.socket, { servername: 'other.example', ca: certificate.ca });
    const inner = watch(other);
    await inner.until('other');
    other.destroy();

    const seen = await tunnel(proxy, `127.0.0.1:${port}`);
    const ours = await secure(seen.socket);
    const mine = watch(ours);
    ours.write('GET / HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
    await mine.until('Overloaded');
  });

  it('passes other hosts blind, from the first byte of whichever side speaks first', async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.write('220 server speaks first\r\n');
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('end', () => socket.end('bye'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEnd(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    const proxy = await testProxy();
    for (const host of ['localhost', '127.0.0.1']) {
      const { socket, peer } = await tunnel(proxy, `${host}:${port}`);
      await peer.until('speaks first');
      socket.write('\x16\x03\x01 not really TLS');
      await peer.until('not really TLS');
      socket.end();
      await peer.until('bye');
      expect(await peer.ended).toBe('end');
    }
    expect(await proxy.event('tunnel.ended')).toMatchObject({
      host: 'localhost',
      bytesUp: 18,
      bytesDown: 46,
    });
  });

  it('tells a blind tunnel that cannot be opened as a natural failure', async () => {
    const proxy = await testProxy();
    const { peer } = await tunnel(proxy, `localhost:${await freePort()}`);
    expect(peer.received().toString()).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*x-proxy-error: upstream-refused/,
    );
  });

  it.each([
    'api.anthropic.com',
    ':443',
    'api.anthropic.com:0',
    'api.anthropic.com:99999',
    '::1:443',
    'a b:443',
  ])('refuses CONNECT %s with 400', async (authority) => {
    const proxy = await testProxy();
    const { peer } = await tunnel(proxy, authority);
    expect(peer.received().toString()).toMatch(/^HTTP\/1\.1 400 /);
    expect(await peer.ended).toBe('end');
  });

  it('serves a CONNECT to itself in-process, one level deep', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    for (const alias of [`127.0.0.1:${proxy.port}`, `localhost:${proxy.port}`, `[::1]:${proxy.port}`]) {
      const { socket, peer } = await tunnel(proxy, alias);
      socket.write('GET /v1/messages HTTP/1.1\r\nHost: x\r\n\r\n');
      await peer.until('Overloaded');
      socket.write(`CONNECT ${alias} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await peer.until('HTTP/1.1 400');
    }
  });

  it('looks anew into a tunnel inside an intercepted one', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const { socket } = await tunnel(proxy, 'api.anthropic.com:443');
    const outer = await secure(socket);
    outer.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n');
    await watch(outer).until('\r\n\r\n');
    const inner = await secure(outer);
    inner.write('GET /v1/models HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
    const heard = watch(inner);
    await heard.until('overloaded_error');
    expect(heard.received().toString()).toContain('HTTP/1.1 529');
  });

  it('takes an absolute-form request to itself as a call to the target', async () => {
    const upstream = await plainUpstream();
    const proxy = await testProxy({ upstream: { kind: 'url', url: upstream.url } });
    const { socket, peer } = open(proxy.port);
    socket.write(
      `POST http://127.0.0.1:${proxy.port}/messages HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: 0\r\n\r\n`,
    );
    await peer.until('ok');
    expect(upstream.connections[0]?.received().toString()).toMatch(/^POST \/v1\/messages HTTP\/1\.1\r\n/);
    expect(await proxy.event('exchange.decided')).toMatchObject({
      via: 'origin',
      host: 'api.anthropic.com',
      path: '/v1/messages',
    });
    expect(await proxy.event('notice')).toMatchObject({ code: 'messages-alias' });
  });

  it('says in words that a client does not trust the CA', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const proxy = await testProxy();
      const { socket } = await tunnel(proxy, 'api.anthropic.com:443');
      await expect(secure(socket, { ca: [], minVersion: version, maxVersion: version })).rejects.toThrow();
      const notice = await proxy.event('notice');
      expect(notice.code).toBe('client-rejected-ca');
      expect(notice.message).toMatch(/NODE_EXTRA_CA_CERTS/);
    }
  });

  it('says that a client speaks only HTTP/2, and survives it', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const { socket } = await tunnel(proxy, 'api.anthropic.com:443');
    await expect(secure(socket, { ALPNProtocols: ['h2'] })).rejects.toThrow();
    expect(await proxy.event('notice')).toMatchObject({ code: 'client-http2-only' });
    const again = await tunnel(proxy, 'api.anthropic.com:443');
    const client = await secure(again.socket, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(client.alpnProtocol).toBe('http/1.1');
  });

  it.each([
    { offered: ['http/1.0'], chosen: 'http/1.0', version: '1.0' },
    { offered: ['http/1.0', 'http/1.1'], chosen: 'http/1.1', version: '1.1' },
  ])('speaks $chosen with a client that offers $offered', async ({ offered, chosen, version }) => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const { socket } = await tunnel(proxy, 'api.anthropic.com:443');
    const client = await secure(socket, { ALPNProtocols: offered });
    expect(client.alpnProtocol).toBe(chosen);
    const peer = watch(client);
    client.write(`GET / HTTP/${version}\r\nHost: api.anthropic.com\r\n\r\n`);
    await peer.until('Overloaded');
    expect(await proxy.event('exchange.ended')).toMatchObject({ status: 529 });
  });

  it('survives junk, half-open connections and hellos that break off', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const { socket: junk, peer } = open(proxy.port);
    junk.write(Buffer.from([0, 1, 2, 255, 13, 10, 13, 10]));
    await peer.until('HTTP/1.1 400');
    const { socket: silent } = open(proxy.port);
    const { socket: half } = await tunnel(proxy, 'api.anthropic.com:443');
    half.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    half.end();
    const { socket: hello } = await tunnel(proxy, 'api.anthropic.com:443');
    hello.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]));
    hello.resetAndDestroy();
    silent.resetAndDestroy();
    const { socket, peer: alive } = open(proxy.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await alive.until('Overloaded');
  });

  it.runIf(existsSync('/proc/net/if_inet6'))('listens on both loopback addresses', async () => {
    const proxy = await testProxy({ rules: testRules(() => overloaded()) });
    const socket = net.connect({ host: '::1', port: proxy.port });
    atEnd(() => socket.destroy());
    const peer = watch(socket);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.until('Overloaded');
  });
});

/** What is said of calls that fail by themselves: one line, who it was, and nothing that misleads. */
import net from 'node:net';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import type { ProxyOptions } from '../../src/app/proxy.ts';
import { testCertificate } from '../support/certificates.ts';
import { openClient } from '../support/modes.ts';
import { freePort } from '../support/ports.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { watch } from '../support/raw-upstream.ts';

const certificate = testCertificate('localhost', '127.0.0.1', 'api.anthropic.com');

/** Listens on a port of its own until the test ends. */
async function listening(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as net.AddressInfo).port;
}

const plain = (serve: (socket: net.Socket) => void): Promise<number> => listening(net.createServer(serve));
const secure = (options: tls.TlsOptions, serve: (socket: tls.TLSSocket) => void): Promise<number> =>
  listening(tls.createServer({ key: certificate.key, cert: certificate.cert, ...options }, serve));
const at = (port: number, scheme = 'https'): Partial<ProxyOptions> => ({
  upstream: { kind: 'url', url: new URL(`${scheme}://127.0.0.1:${port}`) },
  upstreamCa: certificate.ca,
});

/** Makes a call that fails. @returns what is told of it */
async function failing(options: Partial<ProxyOptions>): Promise<{ code: string; message: string }> {
  const proxy = await testProxy(options);
  const client = await openClient('origin-form', proxy);
  atEnd(() => client.raw.destroy());
  const peer = watch(client.socket);
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until('}}');
  const { code, message } = await proxy.event('exchange.error');
  const text = peer.received().toString();
  const said = JSON.parse(text.slice(text.indexOf('{'))).error.message as string;
  expect(text).toContain(`x-proxy-error: ${code}\r\n`);
  expect(said).toBe(
    `anthropic-error-plugin: ${message.replace(/\.$/, '')}. Nothing was injected: this failure is natural.`,
  );
  expect(message).not.toMatch(/[\n\r]|:error:|\.c:\d|\.\./);
  return { code, message };
}

it('names the upstream that closed, not the host that the client meant', async () => {
  const port = await plain((socket) => socket.once('data', () => socket.end()));
  expect(await failing(at(port, 'http'))).toEqual({
    code: 'upstream-reset',
    message: `127.0.0.1:${port} closed the connection without an answer`,
  });
});

it('names the upstream that broke off in its answer', async () => {
  const port = await plain((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a":{}}')),
  );
  const proxy = await testProxy(at(port, 'http'));
  const client = await openClient('origin-form', proxy);
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  client.socket.resume();
  expect(await proxy.event('exchange.error')).toMatchObject({
    message: `127.0.0.1:${port} ended its answer before it was complete`,
  });
  client.raw.destroy();
});

it('says that an upstream speaks no TLS', async () => {
  const port = await plain((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  expect(await failing(at(port))).toEqual({
    code: 'upstream-tls',
    message: `127.0.0.1:${port} does not speak TLS (wrong version number)`,
  });
});

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'says that TLS failed where the upstream wants a client certificate, %s',
  async (maxVersion) => {
    const port = await secure(
      { requestCert: true, rejectUnauthorized: true, ca: certificate.ca, maxVersion },
      () => {},
    );
    const { code, message } = await failing(at(port));
    expect(code).toBe('upstream-tls');
    expect(
      [
        `127.0.0.1:${port} wants a client certificate, and this proxy has none to show (tlsv13 alert certificate required)`,
        // An OpenSSL of 2025 has other words.
        `TLS with 127.0.0.1:${port} failed: sslv3 alert handshake failure (ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE)`,
        `TLS with 127.0.0.1:${port} failed: ssl/tls alert handshake failure (ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE)`,
      ].slice(...(maxVersion === 'TLSv1.3' ? [0, 1] : [1])),
    ).toContain(message);
  },
);

it('says whose certificate was not accepted, and why', async () => {
  const port = await secure({}, () => {});
  const { code, message } = await failing({ ...at(port), upstreamCa: '' });
  expect(code).toBe('upstream-tls');
  expect(message).toMatch(
    new RegExp(`^the certificate of 127\\.0\\.0\\.1:${port} was not accepted: .* \\([A-Z_]+\\)$`),
  );
});

it.each([
  ['closes', (socket: net.Socket) => socket.end(), 'closed'],
  ['resets', (socket: net.Socket) => socket.resetAndDestroy(), 'reset'],
])('tells an upstream that %s in the TLS handshake', async (_how, end, said) => {
  const port = await plain((socket) => socket.once('data', () => end(socket)));
  expect(await failing(at(port))).toEqual({
    code: 'upstream-reset',
    message: `127.0.0.1:${port} ${said} the connection while it was being opened`,
  });
});

it('names the upstream proxy that cannot be reached', async () => {
  const port = await freePort();
  expect(await failing({ upstreamProxy: new URL(`http://127.0.0.1:${port}`) })).toEqual({
    code: 'upstream-proxy',
    message: `the upstream proxy cannot be reached: 127.0.0.1:${port} refused the connection`,
  });
});

it('names the way through an upstream proxy', async () => {
  const port = await plain((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => socket.end());
    }),
  );
  const upstreamProxy = new URL(`http://127.0.0.1:${port}`);
  expect(
    await failing({ upstreamProxy, upstream: { kind: 'url', url: new URL('http://api.example') } }),
  ).toEqual({
    code: 'upstream-reset',
    message: `api.example (through the upstream proxy 127.0.0.1:${port}) closed the connection without an answer`,
  });
});

it('ends a refusal with one full stop', async () => {
  const proxy = await testProxy();
  const client = await openClient('origin-form', proxy);
  const peer = watch(client.socket);
  client.socket.write('GET x HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until('}}');
  expect(peer.received().toString()).toContain('neither a path nor a URL. Nothing was injected');
  client.raw.destroy();
});

it('tells a failed TLS handshake of a client in one line', async () => {
  const proxy = await testProxy();
  const client = net.connect(proxy.port, '127.0.0.1');
  const peer = watch(client);
  client.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until('200');
  const old = tls.connect({
    socket: client,
    servername: 'api.anthropic.com',
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  old.on('error', () => {});
  const { message } = await proxy.event('connection.error');
  expect(message).toMatch(/^the TLS handshake failed: [\w ]+ \(ERR_SSL_[A-Z_]+\)$/);
  client.destroy();
});

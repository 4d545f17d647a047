import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { coveredBy } from '../../src/app/no-proxy.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { answering, rawUpstream, watch } from '../support/raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A company's proxy: tunnels by CONNECT, and remembers what it was asked. */
async function companyProxy(answer = 'HTTP/1.1 200 OK\r\n\r\n') {
  const heads: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (chunk) => {
      heads.push(chunk.toString());
      const [, host = '', port = ''] = /^CONNECT ([^:]+):(\d+)/.exec(chunk.toString()) ?? [];
      socket.write(answer);
      if (!answer.includes(' 200 ')) return;
      const up = net.connect(Number(port), host);
      sockets.add(up);
      up.on('error', () => {});
      socket.pipe(up).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { heads, port: (server.address() as net.AddressInfo).port };
}

describe.each(MODES)('an upstream proxy, %s', (mode) => {
  async function get(options: Parameters<typeof testProxy>[0], until: string) {
    const proxy = await testProxy(options);
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const peer = watch(client.socket);
    client.socket.write(`GET ${client.targetPrefix}/ HTTP/1.1\r\nHost: ${client.host}\r\n\r\n`);
    await peer.until(until);
    return { proxy, text: peer.received().toString() };
  }

  it('carries TLS end to end, with its user and password', async () => {
    const upstream = await rawUpstream(answering(() => OK));
    atEnd(() => upstream.close());
    const company = await companyProxy();
    await get(
      {
        upstream: { kind: 'url', url: upstream.url },
        upstreamCa: upstream.ca,
        upstreamProxy: new URL(`http://us%20er:pass@127.0.0.1:${company.port}`),
      },
      'ok',
    );
    expect(company.heads[0]).toBe(
      `CONNECT 127.0.0.1:${upstream.port} HTTP/1.1\r\nHost: 127.0.0.1:${upstream.port}\r\nProxy-Authorization: Basic ${Buffer.from('us er:pass').toString('base64')}\r\n\r\n`,
    );
  });

  it('carries plain HTTP as well', async () => {
    const upstream = await rawUpstream(
      answering(() => OK),
      { tls: false },
    );
    atEnd(() => upstream.close());
    const company = await companyProxy();
    const { text } = await get(
      {
        upstream: { kind: 'url', url: upstream.url },
        upstreamProxy: new URL(`http://127.0.0.1:${company.port}`),
      },
      'ok',
    );
    expect(text).toBe(OK);
    expect(company.heads[0]).toMatch(`CONNECT 127.0.0.1:${upstream.port} HTTP/1.1`);
  });

  it.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['several', 'HTTP/1.1 102 Processing\r\nX-A: b\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('may answer for the time being first: %s', async (_, interim) => {
    const upstream = await rawUpstream(
      answering(() => OK),
      { tls: false },
    );
    atEnd(() => upstream.close());
    const company = await companyProxy(`${interim}HTTP/1.1 200 OK\r\n\r\n`);
    const { text } = await get(
      {
        upstream: { kind: 'url', url: upstream.url },
        upstreamProxy: new URL(`http://127.0.0.1:${company.port}`),
      },
      'ok',
    );
    expect(text).toBe(OK);
  });

  it.each([
    [
      'interim answers without end',
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(4000),
      'something that is not HTTP',
    ],
    ['101, behind which no HTTP follows', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'status 101'],
  ])('that answers with %s is a natural failure', async (_, answer, words) => {
    const company = await companyProxy(answer);
    const { text } = await get({ upstreamProxy: new URL(`http://127.0.0.1:${company.port}`) }, '}}');
    expect(text).toMatch(/^HTTP\/1\.1 502 [\s\S]*x-proxy-error: upstream-proxy/);
    expect(text).toContain(words);
  });

  it('is left out for hosts that NO_PROXY covers', async () => {
    const upstream = await rawUpstream(
      answering(() => OK),
      { tls: false },
    );
    atEnd(() => upstream.close());
    const company = await companyProxy();
    await get(
      {
        upstream: { kind: 'url', url: upstream.url },
        upstreamProxy: new URL(`http://127.0.0.1:${company.port}`),
        noProxy: 'example.com, 127.0.0.1',
      },
      'ok',
    );
    expect(company.heads).toHaveLength(0);
  });

  it('that refuses the tunnel is a natural failure that names it', async () => {
    const company = await companyProxy(
      'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n',
    );
    const { text } = await get({ upstreamProxy: new URL(`http://127.0.0.1:${company.port}`) }, '}}');
    expect(text).toMatch(
      /^HTTP\/1\.1 502 [\s\S]*x-proxy-error: upstream-proxy[\s\S]*refused the tunnel with status 407/,
    );
  });
});

it('an upstream proxy carries calls to other hosts, too', async () => {
  const upstream = await rawUpstream(
    answering(() => OK),
    { tls: false },
  );
  atEnd(() => upstream.close());
  const company = await companyProxy();
  const proxy = await testProxy({ upstreamProxy: new URL(`http://127.0.0.1:${company.port}`) });
  const client = await openClient('absolute-form', proxy);
  atEnd(() => client.raw.destroy());
  const peer = watch(client.socket);
  client.socket.write(`GET ${upstream.url}x HTTP/1.1\r\nHost: ${upstream.url.host}\r\n\r\n`);
  await peer.until('ok');
  expect(company.heads).toHaveLength(1);
});

describe('NO_PROXY', () => {
  it.each([
    ['*', 'a.example', 443, true],
    ['example.com', 'example.com', 443, true],
    ['example.com', 'api.example.com', 443, true],
    ['.example.com', 'api.example.com', 443, true],
    ['*.example.com', 'api.example.com', 443, true],
    ['example.com', 'notexample.com', 443, false],
    ['example.com:8443', 'example.com', 443, false],
    ['example.com:8443', 'example.com', 8443, true],
    ['localhost 127.0.0.1', '127.0.0.1', 1, true],
    ['::1', '::1', 1, true],
    ['[::1]:5', '::1', 5, true],
    ['', 'example.com', 443, false],
  ])('%j covers %s:%d: %s', (list, host, port, covered) => {
    expect(coveredBy(list, { host, port })).toBe(covered);
  });
});

import { describe, expect, it } from 'vitest';
import { MODES, openClient } from '../support/modes.ts';
import { freePort } from '../support/ports.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { answering, rawUpstream, watch } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

describe.each(MODES)('own failures, %s', (mode) => {
  async function call(url: URL, upstreamCa?: string) {
    const proxy = await testProxy({ upstream: { kind: 'url', url }, ...(upstreamCa ? { upstreamCa } : {}) });
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const peer = watch(client.socket);
    client.socket.write(`GET ${client.targetPrefix}/v1/x HTTP/1.1\r\nHost: ${client.host}\r\n\r\n`);
    await peer.until('}}');
    return { text: peer.received().toString(), proxy };
  }

  it('a refused connection is a natural 502 in the envelope of the API', async () => {
    const { text, proxy } = await call(new URL(`https://127.0.0.1:${await freePort()}`));
    expect(text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(text).toContain('x-proxy-error: upstream-refused');
    const body = JSON.parse(text.slice(text.indexOf('{')));
    expect(body).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(body.error.message).toMatch(/refused the connection.*natural/);
    expect(await proxy.event('exchange.error')).toMatchObject({ cause: 'natural', code: 'upstream-refused' });
    expect(await proxy.event('exchange.ended')).toMatchObject({
      cause: 'natural',
      source: 'proxy',
      status: 502,
    });
  });

  it('a name that does not resolve', async () => {
    const { text } = await call(new URL('https://no-such-host.invalid'));
    expect(text).toContain('x-proxy-error: upstream-dns');
  });

  it('an upstream whose certificate is not trusted', async () => {
    const upstream = await rawUpstream(answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    atEnd(() => upstream.close());
    const { text } = await call(upstream.url);
    expect(text).toContain('x-proxy-error: upstream-tls');
    expect(text).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT|self-signed/);
  });

  it('an upstream that answers no HTTP', async () => {
    const upstream = await rawUpstream(answering(() => 'SSH-2.0-x\r\n'));
    atEnd(() => upstream.close());
    const { text } = await call(upstream.url, upstream.ca);
    expect(text).toContain('x-proxy-error: upstream-bad-response');
  });

  it('an upstream with ambiguous framing', async () => {
    const upstream = await rawUpstream(
      answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    );
    atEnd(() => upstream.close());
    const { text } = await call(upstream.url, upstream.ca);
    expect(text).toContain('x-proxy-error: upstream-bad-response');
  });

  it.each([
    'Content-Length: 1\r\nContent-Length: 1\r\n\r\nx',
    'Content-Length: +1\r\n\r\nx',
    'Content-Length: 1, 1\r\n\r\nx',
    'Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: chun\u212aed\r\n\r\n0\r\n\r\n',
    'X-A: 1\r\n folded\r\n\r\n',
    'X-A: \0\r\n\r\n',
    'X-A: 1\nX-B: 2\r\n\r\n',
    'Host: twice\r\n\r\n',
  ])('a request with ambiguous framing is refused before it goes anywhere: %j', async (rest) => {
    const upstream = await rawUpstream(answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    atEnd(() => upstream.close());
    const rules = testRules(() => overloaded());
    const proxy = await testProxy({
      upstream: { kind: 'url', url: upstream.url },
      upstreamCa: upstream.ca,
      rules,
    });
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const peer = watch(client.socket);
    client.socket.write(`POST ${client.targetPrefix}/v1/x HTTP/1.1\r\nHost: ${client.host}\r\n${rest}`);
    await peer.ended;
    expect(peer.received().toString()).toMatch(
      /^HTTP\/1\.1 (400|501) [\s\S]*x-proxy-error: bad-request-framing/,
    );
    expect(upstream.connections).toHaveLength(0);
    expect(rules.asked).toHaveLength(0);
  });

  it('a chunked body that turns out malformed ends the call on both sides', async () => {
    const upstream = await rawUpstream(() => {});
    atEnd(() => upstream.close());
    const proxy = await testProxy({ upstream: { kind: 'url', url: upstream.url }, upstreamCa: upstream.ca });
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const peer = watch(client.socket);
    client.socket.write(
      `POST ${client.targetPrefix}/v1/x HTTP/1.1\r\nHost: ${client.host}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n`,
    );
    await expect.poll(() => upstream.connections[0]?.received().toString() ?? '').toContain('ab');
    client.socket.write('zz\r\n');
    await peer.until('HTTP/1.1 400');
    await upstream.connections[0]?.ended;
    expect(upstream.connections[0]?.received().toString()).not.toContain('zz');
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'bad-request', cause: 'natural' });
  });
});

describe('beyond loopback', () => {
  it('tunnels and forwards to targets only, unless told otherwise', async () => {
    const upstream = await rawUpstream(
      answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      { tls: false },
    );
    atEnd(() => upstream.close());
    for (const allowTunnels of [false, true]) {
      const proxy = await testProxy({ host: '0.0.0.0', allowTunnels, rules: testRules(() => overloaded()) });
      const client = await openClient('origin-form', proxy);
      atEnd(() => client.raw.destroy());
      const peer = watch(client.socket);
      client.socket.write(`GET http://localhost:${upstream.port}/ HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await peer.until(allowTunnels ? 'ok' : 'HTTP/1.1 403');
      client.socket.write(`CONNECT localhost:${upstream.port} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await peer.until(allowTunnels ? '200 Connection established' : 'tunnel-refused');
    }
  });
});

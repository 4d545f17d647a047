import type net from 'node:net';
import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import type { UpstreamSocket } from '../support/raw-upstream.ts';

const CUT = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this';
const CUT_CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this';

/** RST of the TCP socket below a TLS one. */
function reset(socket: net.Socket): void {
  const below = (socket as { _parent?: net.Socket })._parent;
  (below ?? socket).resetAndDestroy();
}

describe.each(MODES)('endings, %s', (mode) => {
  it.each([
    ['content-length', CUT],
    ['chunked', CUT_CHUNKED],
  ])('an upstream that ends too soon (%s) ends too soon for the client', async (_, answer) => {
    const { peer, send, proxy } = await setUp(mode, (upstream) => {
      void upstream.until('\r\n\r\n').then(() => upstream.socket.end(answer));
    });
    send('GET /v1/x');
    await peer.ended;
    expect(peer.received().toString()).toBe(answer);
    expect(await proxy.event('exchange.ended')).toMatchObject({
      how: 'upstream-abort',
      cause: 'natural',
      status: 200,
    });
  });

  it('an upstream that resets in its answer resets the client, after what it sent', async () => {
    const { peer, send, proxy, client } = await setUp(mode, (upstream) => {
      void upstream
        .until('\r\n\r\n')
        .then(() => upstream.socket.write(CUT, () => setTimeout(() => reset(upstream.socket), 30)));
    });
    const ended = new Promise((resolve) =>
      client.socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    send('GET /v1/x');
    expect(await ended).toBe('ECONNRESET');
    expect(peer.received().toString()).toBe(CUT);
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'upstream-abort', cause: 'natural' });
  });

  it('an upstream that resets before its answer is a natural 502', async () => {
    const { peer, send, proxy } = await setUp(mode, (upstream) => {
      void upstream.until('\r\n\r\n').then(() => reset(upstream.socket));
    });
    send('GET /v1/x');
    await peer.until('natural');
    const text = peer.received().toString();
    expect(text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(text).toContain('\r\nx-proxy-error: upstream-reset\r\n');
    expect(text).not.toContain('x-injected-fault');
    expect(await proxy.event('exchange.ended')).toMatchObject({ cause: 'natural', source: 'proxy' });
  });

  it('a client that goes away takes the upstream call with it, before an answer and in one', async () => {
    const waiting: UpstreamSocket[] = [];
    const { peer, send, client, proxy } = await setUp(mode, (upstream) => {
      waiting.push(upstream);
      void upstream
        .until('/stream')
        .then(() =>
          upstream.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n'),
        );
    });
    send('GET /stream');
    await peer.until('hi');
    client.raw.resetAndDestroy();
    await waiting[0]?.ended;
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'client-abort', cause: 'natural' });
  });

  it('a client that closes its sending side behind a whole request still gets its answer', async () => {
    const { peer, send, client } = await setUp(mode, (upstream) => {
      void upstream
        .until('\r\n\r\n')
        .then(() =>
          setTimeout(() => upstream.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate'), 50),
        );
    });
    send('GET /v1/x');
    client.socket.end();
    await peer.until('late');
    await peer.ended;
  });

  it('a FIN long after the request is a client that went away', async () => {
    const waiting: UpstreamSocket[] = [];
    const { send, client, proxy } = await setUp(mode, (upstream) => void waiting.push(upstream));
    send('GET /v1/x');
    await expect.poll(() => waiting[0]?.received().length ?? 0).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300)); // longer than a half-close may lag behind
    client.socket.destroy();
    await waiting[0]?.ended;
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'client-abort' });
  });

  it('a client that goes away in its upload ends the upstream call', async () => {
    const { send, client, upstream, proxy } = await setUp(mode, () => {});
    send('POST /v1/messages', 'Content-Length: 100\r\n\r\nhalf');
    await expect.poll(() => upstream.connections[0]?.received().toString() ?? '').toContain('half');
    client.socket.end();
    await upstream.connections[0]?.ended;
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'client-abort', cause: 'natural' });
  });
});

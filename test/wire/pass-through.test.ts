import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { answering, type UpstreamSocket } from '../support/raw-upstream.ts';

/** The upstream's answer, once the whole request has come. */
function once(whole: string, answer: string | Buffer) {
  return (peer: UpstreamSocket): void => {
    void peer.until(whole).then(() => peer.socket.write(answer));
  };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe.each(MODES)('passes through, %s', (mode) => {
  it('header order, case, duplicates and odd bytes, both ways', async () => {
    const answer =
      'HTTP/1.1 200 Fine By Me\r\nSET-cookie: a=1\r\nX-Z: \xe9\r\nset-COOKIE: b=2\r\nx-empty:\r\nX-Pad:   spaced  \r\nContent-Length: 2\r\n\r\nok';
    const { upstream, peer, send } = await setUp(mode, once('\r\n\r\n', Buffer.from(answer, 'latin1')));
    send('GET /v1/x?a=%20b&c', Buffer.from('X-B: 1\r\nx-a: 2\r\nX-B: 3\r\ncOOkie: \xe9\r\n\r\n', 'latin1'));
    await peer.until('ok');
    expect(peer.received().toString('latin1')).toBe(answer);
    expect(upstream.connections[0]?.received().toString('latin1')).toBe(
      `GET /v1/x?a=%20b&c HTTP/1.1\r\nHost: ${upstream.url.host}\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\ncOOkie: \xe9\r\n\r\n`,
    );
  });

  it('chunked bodies with extensions and trailers, both ways, as they were framed', async () => {
    const answer =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n';
    const { upstream, peer, send } = await setUp(mode, once('0\r\n\r\n', answer));
    send('POST /v1/messages', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    await peer.until('X-Sum: 6\r\n\r\n');
    expect(peer.received().toString()).toBe(answer);
    expect(upstream.connections[0]?.received().toString()).toContain('\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
  });

  it('gzip untouched', async () => {
    const body = gzipSync('{"a":1}');
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { peer, send } = await setUp(mode, once('\r\n\r\n', Buffer.concat([Buffer.from(head), body])));
    send('GET /v1/x', 'Accept-Encoding: gzip, zstd\r\n\r\n');
    await expect.poll(() => peer.received().length).toBe(head.length + body.length);
    expect(peer.received().subarray(head.length).equals(body)).toBe(true);
  });

  it('informational answers and Expect', async () => {
    const { upstream, peer, send, client } = await setUp(mode, (upstreamPeer) => {
      void upstreamPeer.until('\r\n\r\n').then(() => {
        upstreamPeer.socket.write(
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
        );
        void upstreamPeer.until('body').then(() => upstreamPeer.socket.write(OK));
      });
    });
    send('POST /v1/messages', 'Expect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await peer.until('HTTP/1.1 100 Continue\r\n\r\n');
    expect(upstream.connections[0]?.received().toString()).toContain('Expect: 100-continue');
    client.socket.write('body');
    await peer.until('ok');
    expect(peer.received().toString()).toBe(
      `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${OK}`,
    );
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 9\r\n\r\n'],
  ] as const)('%s answered %j without waiting for a body', async (method, answer) => {
    const { peer, send, upstream } = await setUp(
      mode,
      answering((nth) => (nth === 1 ? answer : OK)),
    );
    send(`${method} /a`);
    await peer.until('\r\n\r\n');
    send('GET /b');
    await peer.until('ok');
    expect(peer.received().toString()).toBe(answer + OK);
    expect(upstream.connections).toHaveLength(1);
  });

  it('drops what ends at this hop and nothing else', async () => {
    const { upstream, peer, send } = await setUp(
      mode,
      once(
        '\r\n\r\n',
        'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Kept: 1\r\nContent-Length: 2\r\n\r\nok',
      ),
    );
    send(
      'GET /v1/x',
      'Proxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\nConnection: X-Mine, keep-alive\r\nX-Mine: 1\r\nTE: trailers\r\nX-Kept: 2\r\n\r\n',
    );
    await peer.until('ok');
    const up = upstream.connections[0]?.received().toString() ?? '';
    for (const gone of ['Proxy-Authorization', 'Proxy-Connection', 'X-Mine']) expect(up).not.toContain(gone);
    expect(up).toContain('X-Kept: 2\r\n');
    const down = peer.received().toString();
    for (const gone of ['Keep-Alive:', 'X-Hop']) expect(down).not.toContain(gone);
    expect(down).toContain('X-Kept: 1\r\n');
  });

  it('a body that ends with the connection', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end';
    const { peer, send, proxy } = await setUp(mode, (upstreamPeer) => {
      void upstreamPeer.until('\r\n\r\n').then(() => upstreamPeer.socket.end(answer));
    });
    send('GET /v1/x');
    expect(await peer.ended).toBe('end');
    expect(peer.received().toString()).toBe(answer);
    const ended = await proxy.event('exchange.ended');
    expect(ended).toMatchObject({ how: 'complete', cause: null });
  });

  it('server-sent events the moment they arrive', async () => {
    const { peer, send } = await setUp(mode, (upstreamPeer) => {
      void upstreamPeer.until('\r\n\r\n').then(async () => {
        upstreamPeer.socket.write(
          'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
        );
        for (const n of [1, 2, 3]) {
          upstreamPeer.socket.write(`8\r\nevent: ${n}\r\n`);
          // The next event is sent only after the client said that it has this one: nothing may be held back.
          await upstreamPeer.until(`got ${n}`);
        }
        upstreamPeer.socket.write('0\r\n\r\n');
      });
    });
    send('POST /v1/messages', 'Transfer-Encoding: chunked\r\n\r\n');
    for (const n of [1, 2, 3]) {
      await peer.until(`event: ${n}`);
      peer.socket.write(`5\r\ngot ${n}\r\n`);
    }
    await peer.until('0\r\n\r\n');
  });

  it('an upgrade, and what either side says after it', async () => {
    const { peer, send, client } = await setUp(mode, (upstreamPeer) => {
      void upstreamPeer.until('Upgrade: chat').then(() => {
        upstreamPeer.socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\nwelcome',
        );
        void upstreamPeer.until('ping').then(() => upstreamPeer.socket.end('pong'));
      });
    });
    send('GET /chat', 'Connection: Upgrade\r\nUpgrade: chat\r\n\r\n');
    await peer.until('welcome');
    client.socket.write('ping');
    await peer.until('pong');
    expect(await peer.ended).toBe('end');
  });

  it('answers of a pipeline, in order', async () => {
    let nth = 0;
    const { peer, send } = await setUp(
      mode,
      answering(() => {
        nth += 1;
        return `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${nth}`;
      }),
    );
    send(
      'GET /1',
      `\r\nGET /2 HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\nGET /3 HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n`,
    );
    await peer.until('\r\n\r\n3');
    expect(
      peer
        .received()
        .toString()
        .match(/\r\n\r\n\d/g),
    ).toEqual(['\r\n\r\n1', '\r\n\r\n2', '\r\n\r\n3']);
  });

  it('an early final answer while the upload runs, and the connection stays usable', async () => {
    const { peer, send, client } = await setUp(mode, (upstreamPeer) => {
      void upstreamPeer
        .until('part')
        .then(() => upstreamPeer.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'));
      void upstreamPeer.until('GET /next').then(() => upstreamPeer.socket.write(OK));
    });
    send('POST /v1/messages', 'Content-Length: 10\r\n\r\npart');
    await peer.until('no');
    client.socket.write('-of-it');
    send('GET /next');
    await peer.until('ok');
  });
});

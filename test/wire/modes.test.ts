import { describe, expect, it } from 'vitest';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { answering, rawUpstream, watch } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

const OK =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Odd-Case: a\r\nx-odd-case: b\r\nContent-Length: 5\r\n\r\nhello';

describe.each(MODES)('%s', (mode) => {
  async function setUp(rules = testRules(() => undefined), answer: (nth: number) => string = () => OK) {
    const upstream = await rawUpstream(answering(answer));
    atEnd(() => upstream.close());
    const proxy = await testProxy({
      rules,
      upstream: { kind: 'url', url: upstream.url },
      upstreamCa: upstream.ca,
    });
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const peer = watch(client.socket);
    const get = (path: string, extra = ''): void =>
      void client.socket.write(
        `GET ${client.targetPrefix}${path} HTTP/1.1\r\nHost: ${client.host}\r\n${extra}\r\n`,
      );
    return { upstream, proxy, client, peer, get };
  }

  it('passes an answer byte for byte, twice on one connection', async () => {
    const { peer, get, upstream } = await setUp();
    get('/v1/models');
    await peer.until('hello');
    expect(peer.received().toString()).toBe(OK);
    get('/v1/models/x');
    await peer.until(OK + OK);
    expect(upstream.connections).toHaveLength(1);
    expect(upstream.connections[0]?.received().toString()).toBe(
      [`/v1/models`, `/v1/models/x`]
        .map((path) => `GET ${path} HTTP/1.1\r\nHost: ${upstream.url.host}\r\n\r\n`)
        .join(''),
    );
  });

  it('injects in the place of the second call only, and keeps the connection', async () => {
    const { peer, get, upstream, proxy } = await setUp(
      testRules((_facts, nth) => (nth === 2 ? overloaded() : undefined)),
    );
    get('/1');
    await peer.until('hello');
    get('/2');
    await peer.until('overloaded_error');
    get('/3');
    await peer.until('hello', 2);
    const text = peer.received().toString();
    expect(text).toContain('HTTP/1.1 529 Overloaded\r\n');
    expect(text).toContain('\r\nx-injected-fault: test/test-fault\r\n');
    expect(text.match(/req_011C0+2/g)).toHaveLength(2);
    expect(upstream.connections[0]?.received().toString()).not.toContain('/2');
    await proxy.event('exchange.ended', (event) => event.exchange === 3);
    expect(
      proxy.events.flatMap((event) =>
        event.type === 'exchange.ended' ? [[event.source, event.cause, event.status]] : [],
      ),
    ).toEqual([
      ['upstream', null, 200],
      ['injected', 'injected', 529],
      ['upstream', null, 200],
    ]);
  });
});

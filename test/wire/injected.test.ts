import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { answering } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe.each(MODES)('injected answers, %s', (mode) => {
  const always = { rules: testRules(() => overloaded()) };

  it('wait for the whole body, drop it, and keep the connection', async () => {
    const { peer, send, client, upstream } = await setUp(mode, () => {}, always);
    send('POST /v1/messages', 'Content-Length: 6\r\n\r\nabc');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(peer.received().length).toBe(0);
    client.socket.write('def');
    await peer.until('overloaded_error');
    send('POST /v1/messages', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    await peer.until('overloaded_error', 2);
    expect(upstream.connections).toHaveLength(0);
    const [head, body] = peer.received().toString().split('\r\n\r\n') as [string, string];
    expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBe(body.split('HTTP/1.1')[0]?.length);
    expect(head).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
  });

  it('come at once for a request with Expect, whose body is dropped when it comes all the same', async () => {
    const { peer, send, client } = await setUp(mode, () => {}, always);
    send('POST /v1/messages', 'Expect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await peer.until('overloaded_error');
    expect(peer.received().toString()).not.toContain('100 Continue');
    client.socket.write('body');
    send('GET /next');
    await peer.until('overloaded_error', 2);
  });

  it('have no body for HEAD', async () => {
    const { peer, send } = await setUp(mode, () => {}, always);
    send('HEAD /v1/messages');
    send('GET /v1/messages');
    await peer.until('overloaded_error');
    const heads = peer.received().toString().split('HTTP/1.1 529');
    expect(heads[1]).toMatch(/content-length: 1\d\d\r\n\r\n$/i);
  });

  it('end the connection when the client or a header asks for it', async () => {
    const asked = await setUp(mode, () => {}, always);
    asked.send('GET /a', 'Connection: close\r\n\r\n');
    expect(await asked.peer.ended).toBe('end');
    expect(asked.peer.received().toString()).toMatch(/\r\nConnection: close\r\n/i);
    const told = await setUp(mode, () => {}, {
      rules: testRules(() => overloaded([['connection', 'close']])),
    });
    told.send('GET /a');
    expect(await told.peer.ended).toBe('end');
  });

  it('are told to begin before they end', async () => {
    const { peer, proxy, send } = await setUp(mode, () => {}, always);
    send('GET /a');
    await peer.until('overloaded_error');
    const told = proxy.events.filter(({ type }) => type === 'exchange.head' || type === 'exchange.ended');
    expect(told.map(({ type }) => type)).toEqual(['exchange.head', 'exchange.ended']);
    const [head, ended] = told as { at: number; ms: number }[];
    expect(ended!.at).toBeGreaterThanOrEqual(head!.at);
    expect(ended!.ms).toBeGreaterThanOrEqual(head!.ms);
  });

  it('carry no marker when it is turned off', async () => {
    const { peer, send } = await setUp(mode, () => {}, { ...always, marker: false });
    send('GET /a');
    await peer.until('overloaded_error');
    expect(peer.received().toString().toLowerCase()).not.toContain('x-injected-fault');
  });

  it('delay before the request and before the head, with both told as applied', async () => {
    const { peer, send, proxy } = await setUp(
      mode,
      answering(() => OK),
      {
        rules: testRules(() => [
          { do: 'delay', at: 'request', ms: 40 },
          { do: 'delay', at: 'head', ms: 60 },
        ]),
      },
    );
    const started = performance.now();
    send('GET /a');
    await peer.until('ok');
    expect(performance.now() - started).toBeGreaterThanOrEqual(99);
    expect(peer.received().toString()).toBe(OK);
    await proxy.event('exchange.ended');
    expect(
      proxy.events.filter((event) => event.type === 'fault.applied').map((event) => event.effect),
    ).toEqual(['delay 40 ms before the request', 'delay 60 ms before the answer']);
  });

  it.each([
    ['reset', 'reset'],
    ['close', 'end'],
    ['abrupt', 'end'],
  ] as const)('an end by %s after the request is seen as %s', async (how, seen) => {
    const { peer, send, proxy, upstream } = await setUp(mode, () => {}, {
      rules: testRules(() => ({ do: 'end', at: 'request', how })),
    });
    send('POST /a', 'Content-Length: 2\r\n\r\nhi');
    // A TLS client is told of a FIN without close_notify as a plain end, too: the tap of issue 8 tells them apart.
    expect(await peer.ended).toBe(seen);
    expect(peer.received().length).toBe(0);
    expect(upstream.connections).toHaveLength(0);
    expect(await proxy.event('exchange.ended')).toMatchObject({
      how: 'fault-end',
      cause: 'injected',
      status: 0,
    });
  });

  it('a hang lasts until the client leaves, and is then told as injected', async () => {
    const { client, send, proxy, peer } = await setUp(mode, () => {}, {
      rules: testRules(() => ({ do: 'end', at: 'request', how: 'hang' })),
    });
    send('GET /a');
    await proxy.event('fault.applied');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(peer.received().length).toBe(0);
    client.raw.resetAndDestroy();
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', cause: 'injected' });
  });

  it('a client that ends its side while an answer hangs has left', async () => {
    const { client, send, proxy } = await setUp(mode, () => {}, {
      rules: testRules(() => ({ do: 'end', at: 'request', how: 'hang' })),
    });
    send('GET /a');
    await proxy.event('fault.applied');
    client.socket.end();
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', cause: 'injected' });
  });

  it('the rules see the body when they need it, and the upstream gets it unchanged', async () => {
    const rules = testRules(() => undefined, { body: true });
    const { peer, send, upstream, client } = await setUp(
      mode,
      answering(() => OK),
      { rules },
    );
    const body = JSON.stringify({ model: 'claude-opus-5-5', stream: true, max_tokens: 5, messages: [] });
    send('POST /v1/messages', `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.socket.write(body.slice(10));
    await peer.until('ok');
    expect(rules.asked[0]?.body).toMatchObject({
      state: 'held',
      model: 'claude-opus-5-5',
      stream: true,
      maxTokens: 5,
    });
    expect(upstream.connections[0]?.received().toString()).toContain(body);
    expect(rules.settled).toEqual([{ status: 200, complete: true, injected: false }]);
  });
});

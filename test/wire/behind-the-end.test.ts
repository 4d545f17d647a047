/** `exchange.ended` is the last that is told of a call, whatever still comes on its connection. */
import { expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { testRules } from '../support/rules.ts';

it.each(MODES)(
  'a request that goes wrong once it was answered is told of its connection, %s',
  async (mode) => {
    const { peer, send, client, proxy } = await setUp(mode, ({ socket, until }) => {
      void until('abcde').then(() => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'));
    });
    send('POST /v1/messages', 'Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n');
    await peer.until('no');
    await proxy.event('exchange.ended');
    client.socket.write('ZZ\r\n');
    expect(await proxy.event('connection.error')).toMatchObject({ code: 'bad-request-framing' });
    await peer.ended;
    const told = proxy.events.filter((event) => 'exchange' in event && event.exchange > 0);
    expect(told.map(({ type }) => type)).toEqual(['exchange.decided', 'exchange.head', 'exchange.ended']);
  },
);

it.each(MODES)('an answer that goes wrong while a fault holds it fails that call alone, %s', async (mode) => {
  const delay = { do: 'delay', at: 'head', ms: 30 } as const;
  const { peer, send, proxy } = await setUp(
    mode,
    ({ socket, until }) => {
      void until('GET /bad').then(() =>
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
      );
    },
    { rules: testRules(() => delay) },
  );
  send('GET /bad');
  await proxy.event('exchange.ended');
  await peer.ended;
  const [error] = proxy.events.filter(({ type }) => type === 'exchange.error');
  expect(error).toMatchObject({ cause: 'natural', code: 'upstream-bad-response' });
});

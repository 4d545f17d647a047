/** Bodies that are held for a fault, and come in small pieces or too large: they go on byte for byte. */
import { describe, expect, it } from 'vitest';
import type { RewriteEffect } from '../../src/core/effect.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { testRules } from '../support/rules.ts';

const chunks = (count: number): string => '1;a=b\r\nx\r\n'.repeat(count);
const END = '0\r\nx-trailer: 1\r\n\r\n';

describe.each(MODES)('held bodies, %s', (mode) => {
  it.each([100, 20_000])('a request of %i 1-byte chunks that a rule reads', async (count) => {
    const body = `3\r\n{"a\r\n3\r\n":"\r\n${chunks(count)}2\r\n"}\r\n${END}`;
    const rules = testRules(() => undefined, { body: true });
    const { send, upstream, peer } = await setUp(
      mode,
      (one) => {
        void one
          .until('x-trailer: 1\r\n\r\n')
          .then(() => one.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      },
      { rules },
    );
    send('POST /v1/messages', `Transfer-Encoding: chunked\r\n\r\n${body}`);
    await peer.until('ok');
    expect(rules.asked[0]?.body.json).toEqual({ a: 'x'.repeat(count) });
    const received = upstream.connections[0]?.received().toString('latin1') ?? '';
    expect(received.slice(received.indexOf('\r\n\r\n') + 4)).toBe(body);
  });

  it('an answer larger than is held passes whole, and its faults are told as skipped once', async () => {
    const rewrite: RewriteEffect = { do: 'rewrite', rewrite: () => ({ body: Buffer.from('changed') }) };
    const piece = 'y'.repeat(1024 * 1024);
    const { send, peer, proxy, client } = await setUp(
      mode,
      (one) => {
        one.socket.once('data', () => {
          one.socket.write(
            `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${40 * piece.length + 3}\r\n\r\n`,
          );
          for (let i = 0; i < 40; i++) one.socket.write(piece);
          one.socket.write('end');
        });
      },
      { rules: testRules(() => rewrite) },
    );
    client.socket.removeAllListeners('data');
    let bytes = 0;
    let tail = '';
    client.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-3);
    });
    send('GET /v1/messages');
    const ended = await proxy.event('exchange.ended');
    await expect.poll(() => tail).toBe('end');
    expect(bytes).toBeGreaterThan(40 * piece.length);
    expect(ended).toMatchObject({ how: 'complete', cause: null, bytesDown: bytes });
    const skipped = proxy.events.filter(({ type }) => type === 'fault.skipped');
    expect(skipped).toMatchObject([{ fault: 'test-fault', reason: 'the answer is larger than 32 MiB' }]);
    void peer;
  });
});

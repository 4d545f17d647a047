/** `bandwidth` on a request: all of it goes up, however the upstream takes it. */
import { duplexPair } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { streamTransport } from '../../src/engine/transport/transport.ts';
import { testProxy } from '../support/proxy.ts';

it('an upstream that is slow just when nothing more waits is sent the rest all the same', async () => {
  // Each write fills it, and it says each time that it goes on.
  const [up, upstream] = duplexPair({ highWaterMark: 1 });
  let got = '';
  upstream.setEncoding('latin1').on('data', (text: string) => {
    got += text;
    if (got.endsWith('end')) upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const proxy = await testProxy({
    listen: false,
    upstream: { kind: 'mock', dial: () => up },
    rules: compileRules([{ fault: { kind: 'bandwidth', up: '100MiB' } }], { seed: '1', messages: 'real' }),
  });
  const [client, served] = duplexPair();
  proxy.accept(streamTransport(served, 'test'));
  const pieces = ['a', 'b', 'c'].map((letter) => letter.repeat(30_000));
  client.resume().write('POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 90003\r\n\r\n');
  for (const piece of pieces) {
    client.write(piece);
    await expect
      .poll(() => got, { interval: 5, timeout: 10_000 })
      .toContain(piece.slice(0, 1).repeat(30_000));
    for (let i = 0; i < 5; i++) await tick();
  }
  client.write('end');
  expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete', status: 200 });
  expect(got).toContain(`${pieces.join('')}end`);
});

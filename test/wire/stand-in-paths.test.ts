/** What a call to the stand-in's unknown paths is told as, and that its 204 comes through. */
import { describe, expect, it } from 'vitest';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { ExchangeFold } from '../../src/observe/finished-exchange.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { watch } from '../support/raw-upstream.ts';

describe.each(MODES)('the stand-in behind the proxy, %s', (mode) => {
  it('is told to be the one that does not know a path', async () => {
    const mock = createMockApi();
    atEnd(() => mock.close());
    const proxy = await testProxy({ upstream: { kind: 'mock', dial: () => mock.dial() } });
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const peer = watch(client.socket);
    const get = (path: string): boolean =>
      client.socket.write(
        `GET ${client.targetPrefix}${path} HTTP/1.1\r\nHost: ${client.host}\r\nX-Api-Key: k\r\nAnthropic-Version: 2023-06-01\r\n\r\n`,
      );
    get('/api/claude_code/settings');
    await peer.until('HTTP/1.1 204');
    get('/v1/files');
    await peer.until('HTTP/1.1 404');
    get('/v1/models/claude-nope');
    await peer.until('HTTP/1.1 404', 2);
    await expect.poll(() => proxy.events.filter(({ type }) => type === 'exchange.ended').length).toBe(3);
    const fold = new ExchangeFold();
    const told = proxy.events.flatMap((event) => fold.observe(event) ?? []);
    expect(told.map(({ status, verdict, error }) => [status, verdict, error?.code])).toEqual([
      [204, 'passed', undefined],
      [404, 'natural', 'stand-in-unknown-path'],
      // The real API says the same there.
      [404, 'natural', undefined],
    ]);
    expect(told[1]!.error?.message).toMatch(/the stand-in API does not know GET \/v1\/files/);
  });
});

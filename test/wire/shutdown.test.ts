import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { testProxy } from '../support/proxy.ts';
import type { UpstreamSocket } from '../support/raw-upstream.ts';

describe.each(MODES)('stopping, %s', (mode) => {
  it('lets a call under way finish, takes no new one, and ends idle connections', async () => {
    let upstreamPeer: UpstreamSocket | undefined;
    const { proxy, peer, send } = await setUp(mode, (one) => {
      upstreamPeer = one;
      void one
        .until('\r\n\r\n')
        .then(() => one.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha'));
    });
    send('GET /v1/x');
    await peer.until('ha');
    const closing = proxy.close(5_000);
    const late = net.connect(proxy.port, '127.0.0.1');
    const refused = await new Promise((resolve) => {
      late.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      late.on('close', () => resolve('closed'));
    });
    expect(refused).toMatch(/ECONNREFUSED|ECONNRESET|closed/);
    upstreamPeer?.socket.write('lf');
    expect(await peer.ended).toBe('end');
    expect(peer.received().toString()).toContain('half');
    await closing;
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete' });
  });

  it('ends what is still under way when its time is over', async () => {
    const { proxy, peer, send } = await setUp(mode, () => {});
    send('GET /v1/x');
    await proxy.event('exchange.decided');
    await proxy.close(30);
    await peer.ended;
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'shutdown', cause: 'natural' });
  });
});

it('a taken port is told with the cure, and nothing is left open', async () => {
  const proxy = await testProxy();
  await expect(testProxy({ port: proxy.port })).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringMatching(/--proxy-port/),
  });
});

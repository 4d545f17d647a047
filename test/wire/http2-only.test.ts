/** A client that speaks HTTP/2 and nothing else is told what to do, on each way in. */
import net from 'node:net';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { testAuthority } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { watch } from '../support/raw-upstream.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const CONNECT = 'CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n';

it.each([
  ['with prior knowledge on the base URL', 'plain'],
  ['with prior knowledge in a tunnel to a target', 'tunnel'],
  ['by ALPN', 'tls'],
] as const)('%s', async (_name, way) => {
  // The blind tunnel of the second leads nowhere.
  const proxy = await testProxy({ upstream: { kind: 'url', url: new URL('http://127.0.0.1:1') } });
  const socket = net.connect(proxy.port, '127.0.0.1');
  atEnd(() => socket.destroy());
  const peer = watch(socket);
  if (way === 'plain') {
    socket.write(PREFACE);
    await peer.until('HTTP/1.1 505');
  } else {
    socket.write(CONNECT);
    await peer.until('200');
    if (way === 'tunnel') socket.write(PREFACE);
    else {
      socket.removeAllListeners('data');
      const ca = (await testAuthority()).certificatePem;
      const secure = tls.connect({ socket, servername: 'api.anthropic.com', ca, ALPNProtocols: ['h2'] });
      secure.on('error', () => {});
      atEnd(() => secure.destroy());
    }
  }
  expect(await proxy.event('notice')).toMatchObject({
    code: 'client-http2-only',
    message: expect.stringMatching(/HTTP\/1\.1\. Let the client use HTTP\/1\.1\.$/),
  });
});

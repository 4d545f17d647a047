/** Clients that end their side before anybody listens: a paused socket tells its end all the same, once. */
import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { rawUpstream, watch } from '../support/raw-upstream.ts';

/** Says CONNECT and, in the same breath, that nothing more will come. */
function connectAndEnd(port: number, authority: string): net.Socket {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  atEnd(() => socket.destroy());
  socket.on('error', () => {});
  socket.end(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  return socket;
}

it('a tunnel whose client leaves while a fault lets it wait is closed', async () => {
  const fault = { kind: 'slow-accept', delay: '100ms' };
  const proxy = await testProxy({
    rules: compileRules([{ name: 'slow', fault }], { seed: '1', messages: 'real' }),
  });
  const socket = connectAndEnd(proxy.port, 'api.anthropic.com:443');
  socket.resume();
  await once(socket, 'end');
  expect(proxy.events.some((event) => event.type === 'fault.applied')).toBe(true);
});

it('a tunnel to an address whose client leaves without a byte leaves no upstream open', async () => {
  const upstream = await rawUpstream(() => {}, { tls: false });
  atEnd(() => upstream.close());
  const proxy = await testProxy();
  const socket = connectAndEnd(proxy.port, `127.0.0.1:${upstream.port}`);
  socket.resume();
  await once(socket, 'end');
  await expect.poll(() => upstream.connections.length).toBe(1);
  expect(await upstream.connections[0]!.ended).toBe('end');
});

it('a blind tunnel whose client ends its side while the upstream is dialled hands that end on', async () => {
  const upstream = await rawUpstream(({ socket }) => socket.write('hello'), { tls: false });
  atEnd(() => upstream.close());
  const proxy = await testProxy();
  const socket = connectAndEnd(proxy.port, `localhost:${upstream.port}`);
  const client = watch(socket);
  await client.until('hello');
  expect(await upstream.connections[0]!.ended).toBe('end');
});

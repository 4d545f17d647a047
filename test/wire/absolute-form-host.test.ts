/** RFC 9112 §3.2.2: whoever gets a URL as its target ignores `Host` and writes it anew, so that all see the same host. */
import { describe, expect, it } from 'vitest';
import { openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { answering, rawUpstream, watch } from '../support/raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What the upstream gets for `request`, in which `%` stands for its own authority. */
async function forwarded(
  request: string,
  { targets, tunnel, asUpstream }: { targets?: boolean; tunnel?: boolean; asUpstream?: boolean } = {},
): Promise<string> {
  const upstream = await rawUpstream(
    answering(() => OK),
    { tls: false },
  );
  atEnd(() => upstream.close());
  const { host } = upstream.url;
  const proxy = await testProxy({
    ...(targets ? { targets: [host] } : {}),
    ...(asUpstream ? { upstream: { kind: 'url', url: upstream.url } } : {}),
  });
  const client = await openClient('origin-form', proxy);
  atEnd(() => client.raw.destroy());
  const peer = watch(client.socket);
  if (tunnel) {
    client.socket.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await peer.until('200 Connection established');
  }
  client.socket.write(request.replaceAll('%', host));
  await peer.until('ok');
  return upstream.connections[0]!.received().toString().replaceAll(host, '%');
}

describe('the Host field behind a URL as the request target', () => {
  it.each([
    ['a wrong one is replaced', 'GET http://%/a HTTP/1.1\r\nHost: evil.example\r\nX-A: 1\r\n\r\n'],
    ['a missing one is made', 'GET http://%/a HTTP/1.1\r\nX-A: 1\r\n\r\n'],
    ['a missing one is made for HTTP/1.0', 'GET http://%/a HTTP/1.0\r\nX-A: 1\r\n\r\n'],
    [
      'user and password are left out',
      'GET http://user:word@%/a HTTP/1.1\r\nHost: evil.example\r\nX-A: 1\r\n\r\n',
    ],
  ])('%s: to a host that is no target, to a target, and in a tunnel', async (_what, request) => {
    for (const options of [{}, { targets: true }, { targets: true, tunnel: true }]) {
      const [line, ...fields] = (await forwarded(request, options)).trimEnd().split('\r\n');
      expect(line).toBe(`GET /a HTTP/1.${request.includes('HTTP/1.0') ? 0 : 1}`);
      expect(fields.sort()).toEqual(['Host: %', 'X-A: 1']);
    }
  });

  it('names the upstream where that was given', async () => {
    const got = await forwarded('GET http://api.anthropic.com/a HTTP/1.1\r\nHost: evil.example\r\n\r\n', {
      asUpstream: true,
    });
    expect(got).toBe('GET /a HTTP/1.1\r\nHost: %\r\n\r\n');
  });

  it('stays as it came where it says the same', async () => {
    expect(await forwarded('GET http://%/a HTTP/1.1\r\nhOsT:  %\r\n\r\n')).toBe(
      'GET /a HTTP/1.1\r\nhOsT:  %\r\n\r\n',
    );
  });
});

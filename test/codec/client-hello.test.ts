/** Hellos of a real TLS client (this Node's OpenSSL), cut at every point. */
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { readClientHello } from '../../src/core/tls/client-hello.ts';
import { sniff } from '../../src/core/tls/sniff.ts';

/** The first flight that `tls.connect` writes. */
function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        resolve(chunk);
        done();
        queueMicrotask(() => client.destroy()); // some Nodes write before `connect` has returned
      },
    });
    const client = tls.connect({ ...options, socket: wire });
    client.on('error', () => undefined);
  });
}

describe.each([
  [
    'with everything',
    { servername: 'api.anthropic.com', ALPNProtocols: ['h2', 'http/1.1'] },
    [0x0304, 0x0303],
  ],
  ['of TLS 1.2 alone', { servername: 'api.anthropic.com', maxVersion: 'TLSv1.2' as const }, [0x0303]],
  ['without server name', { servername: '', ALPNProtocols: ['http/1.1'] }, [0x0304, 0x0303]],
  ['of TLS 1.3 alone', { servername: 'A.example', minVersion: 'TLSv1.3' as const }, [0x0304]],
] as const)('a hello %s', (_, options, versions) => {
  it('is read, wherever it is cut', async () => {
    const hello = await helloOf(options as tls.ConnectionOptions);
    const expected = {
      kind: 'hello',
      alpn: 'ALPNProtocols' in options ? options.ALPNProtocols : [],
      versions,
      ...(options.servername === '' ? {} : { sni: options.servername.toLowerCase() }),
    };
    const read = readClientHello(hello);
    expect(read).toMatchObject(expected);
    if (read.kind !== 'hello') throw new Error('no hello');
    expect('sni' in read).toBe(options.servername !== '');
    expect(read.groups).toEqual(expect.arrayContaining([0x17, ...read.shares]));
    expect(read.shares.length > 0).toBe(read.versions.includes(0x0304));
    expect(sniff(hello)).toBe('tls');
    for (let end = 0; end < hello.length; end++) {
      expect(readClientHello(hello.subarray(0, end))).toEqual({ kind: 'more' });
    }
  });
});

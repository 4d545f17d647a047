/** Acceptance tests 2: who answers a client in a tunnel, and with what certificate. */
import { describe, expect, it } from 'vitest';
import { acceptanceBench, type StartCaller } from './bench.ts';
import { curl, url, VERSIONS } from './curl.ts';
import { openSecure } from './node-client.ts';

export function describeHandshake(start: StartCaller): void {
  describe('2 certificates', () => {
    it.each(VERSIONS)(
      '%s: curl trusts our CA, and gets http/1.1 though it offers h2',
      async (_name, version) => {
        const bench = await acceptanceBench(start);
        const { code, stderr, stdout } = await curl(bench, [...version, '-v', '--http2', url('/message')]);
        expect(code, stderr).toBe(0);
        expect(stderr).toMatch(/ALPN: server accepted http\/1\.1/);
        expect(stderr).toMatch(/subjectAltName: host "api.anthropic.com" matched/);
        expect(stdout.toString()).toContain('"Hello."');
      },
    );

    it('fails without our CA', async () => {
      const bench = await acceptanceBench(start);
      expect((await curl(bench, [url('/message')], { trust: false })).code).toBe(60);
      expect(bench.api.requests).toEqual([]);
    });

    it('shows a leaf for the name that was asked for', async () => {
      const bench = await acceptanceBench(start);
      const socket = await openSecure(bench);
      expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:api.anthropic.com');
      expect(socket.alpnProtocol).toBe('http/1.1');
      socket.destroy();
    });
  });
}

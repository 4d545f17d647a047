/** Acceptance tests 2: who answers a client in a tunnel, and with what certificate. */
import { describe, expect, it } from 'vitest';
import type { ProxyEvent, TunnelEnded } from '../../../src/core/events.ts';
import { EventBus } from '../../../src/observe/bus.ts';
import { jumpClock } from '../jump-clock.ts';
import { patternOf, sha256 } from './api.ts';
import { acceptanceBench, type StartCaller } from './bench.ts';
import { curl, url, VERSIONS } from './curl.ts';
import { nodeCall, openSecure, tunnelAgent } from './node-client.ts';

export function describeHandshake(start: StartCaller): void {
  it('1 fault is started, and the plugin says that fault has found it', async () => {
    const { plugin } = await acceptanceBench(start);
    expect(plugin.found).toBe(true);
  });

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

    it('passes a host that is no target untouched, and tells of its tunnel as the standalone proxy does', async () => {
      const bus = new EventBus();
      const ended: ProxyEvent[] = [];
      bus.subscribe((event) => {
        if (event.type === 'tunnel.ended') ended.push(event);
      });
      const clock = jumpClock();
      const bench = await acceptanceBench(start, { plugin: { bus, clock } });
      const agent = tunnelAgent(bench, { servername: 'localhost', ca: bench.api.ca });
      const answer = await nodeCall(agent, { path: '/bytes/100000', headers: { 'x-want': 529 } });
      expect(sha256(answer.body)).toBe(sha256(patternOf(100_000)));
      agent.destroy();
      expect(bench.plugin.tunnels).toBe(1);
      clock.jump(130_000);
      expect(bench.plugin.tunnels).toBe(0);
      expect(ended).toMatchObject([{ connection: 1, host: 'localhost', bytesUp: expect.any(Number) }]);
      expect((ended[0] as TunnelEnded).bytesDown).toBeGreaterThan(100_000);
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

import { describe, expect, it } from 'vitest';
import { type NoCallFacts, NoCallFold, whyNoCalls } from '../../src/app/run/no-calls.ts';

const FACTS: NoCallFacts = {
  via: 'proxy',
  proxyUrl: 'http://127.0.0.1:8080',
  targets: ['api.anthropic.com'],
  baseUrl: undefined,
  otherHosts: [],
  rejectedCa: false,
  http2Only: false,
};
const why = (facts: Partial<NoCallFacts>): string => whyNoCalls({ ...FACTS, ...facts }).join('\n');

describe('whyNoCalls', () => {
  it.each([
    ['proxy', 'Try --via base-url.'],
    ['base-url', 'Try --via proxy.'],
    ['both', 'Give it the base URL http://127.0.0.1:8080'],
  ] as const)('without a trace, names what to try after --via %s', (via, cure) => {
    expect(why({ via })).toContain(cure);
  });

  it('tells a refused certificate', () => {
    expect(why({ rejectedCa: true })).toMatch(/refused it\. --via base-url needs none/);
    expect(why({ rejectedCa: true })).toMatch(
      /if it reads anything: .* \(reqwest with webpki-roots, Typhoeus\) does not/,
    );
  });

  it('names clients that read no HTTPS_PROXY', () => {
    for (const name of ['aiohttp without trust_env', 'PoolManager', 'undici 8 on Node 22'])
      expect(why({})).toContain(name);
    expect(why({})).not.toContain('Java');
  });

  it('tells a client that speaks HTTP/2 alone, and not that it made no call', () => {
    for (const via of ['proxy', 'base-url', 'both'] as const) {
      expect(why({ via, http2Only: true })).toMatch(/^A client spoke HTTP\/2 .*let it use HTTP\/1\.1/);
      expect(why({ via, http2Only: true })).not.toContain('made no call');
    }
    // In a tunnel to the target itself, there was no other host.
    expect(why({ http2Only: true, otherHosts: ['api.anthropic.com'] })).not.toContain('--target-host');
  });

  it('names the hosts that were called instead', () => {
    expect(why({ otherHosts: ['gateway.corp', 'b.corp'] })).toMatch(
      /gateway\.corp, b\.corp.*--target-host gateway\.corp/,
    );
  });

  it('tells a base URL that leads past the proxy, and only such a one', () => {
    expect(why({ baseUrl: 'http://localhost:4000' })).toMatch(
      /http:\/\/localhost:4000.*--target-host localhost.*--via base-url/,
    );
    expect(why({ baseUrl: 'https://api.anthropic.com' })).not.toContain('ANTHROPIC_BASE_URL is set');
    expect(why({ baseUrl: 'http://localhost:4000', via: 'base-url' })).not.toContain(
      'ANTHROPIC_BASE_URL is set',
    );
  });
});

describe('NoCallFold', () => {
  it('notes tunnels and refusals', () => {
    const fold = new NoCallFold();
    const base = { v: 1, at: 0, connection: 1 } as const;
    const tunnel = { ...base, type: 'tunnel.ended', port: 443, bytesUp: 1, bytesDown: 1, ms: 1 } as const;
    expect(fold.current()).toEqual({ otherHosts: [], rejectedCa: false, http2Only: false });
    fold.observe({ ...tunnel, host: 'a.corp' });
    fold.observe({ ...tunnel, host: 'a.corp' });
    fold.observe({ ...base, type: 'connection.error', code: 'client-tls-failed', message: '' });
    expect(fold.current()).toEqual({ otherHosts: ['a.corp'], rejectedCa: false, http2Only: false });
    fold.observe({ ...base, type: 'connection.error', code: 'client-rejected-ca', message: '' });
    expect(fold.current().rejectedCa).toBe(true);
    fold.observe({ v: 1, at: 0, type: 'notice', code: 'client-http2-only', message: '' });
    expect(fold.current().http2Only).toBe(true);
  });
});

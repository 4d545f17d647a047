import { describe, expect, it } from 'vitest';
import { TargetHosts } from './target-host.ts';

describe('target hosts', () => {
  it('match a name in any spelling, on every port', () => {
    const targets = new TargetHosts(['API.anthropic.com']);
    for (const host of ['api.anthropic.com', 'API.ANTHROPIC.COM', 'api.anthropic.com.']) {
      expect(targets.matches(host, 443)).toBe(true);
      expect(targets.matches(host, 8080)).toBe(true);
    }
    for (const host of [
      'anthropic.com',
      'xapi.anthropic.com',
      'api.anthropic.com.evil.org',
      'a.api.anthropic.com',
      '',
    ]) {
      expect(targets.matches(host, 443), host).toBe(false);
    }
  });

  it('narrow to a port that is written', () => {
    const targets = new TargetHosts(['h.example:8443', '*.sub.example:9443']);
    expect(targets.matches('h.example', 8443)).toBe(true);
    expect(targets.matches('h.example', 443)).toBe(false);
    expect(targets.matches('a.sub.example', 9443)).toBe(true);
    expect(targets.matches('a.sub.example', 443)).toBe(false);
  });

  it('match subdomains at any depth with a wildcard, not the domain itself', () => {
    const targets = new TargetHosts(['*.example.com']);
    expect(targets.matches('a.example.com', 1)).toBe(true);
    expect(targets.matches('a.b.EXAMPLE.com', 1)).toBe(true);
    expect(targets.matches('example.com', 1)).toBe(false);
    expect(targets.matches('.example.com', 1)).toBe(false);
    expect(targets.matches('badexample.com', 1)).toBe(false);
  });

  it('match IP addresses by value, with or without brackets', () => {
    const targets = new TargetHosts(['127.0.0.1', '::1', '[2001:db8::1]:8443']);
    expect(targets.matches('127.0.0.1', 80)).toBe(true);
    expect(targets.matches('::1', 80)).toBe(true);
    expect(targets.matches('[0:0:0:0:0:0:0:1]', 80)).toBe(true);
    expect(targets.matches('2001:DB8:0::1', 8443)).toBe(true);
    expect(targets.matches('2001:db8::1', 80)).toBe(false);
  });

  it('send origin-form requests to the first that is no wildcard', () => {
    expect(new TargetHosts(['*.a.b', 'h:8443', 'i']).defaultTarget()).toEqual({ host: 'h', port: 8443 });
    expect(new TargetHosts(['api.anthropic.com']).defaultTarget()).toEqual({
      host: 'api.anthropic.com',
      port: 443,
    });
    expect(new TargetHosts(['*.a.b']).defaultTarget()).toBeUndefined();
    expect(new TargetHosts([]).defaultTarget()).toBeUndefined();
    expect(new TargetHosts([]).matches('h', 443)).toBe(false);
  });

  it.each([
    ['https://api.anthropic.com', /without scheme or path/],
    ['api.anthropic.com/v1', /without scheme or path/],
    ['*', /write \*\.example\.com/],
    ['a.*.com', /write \*\.example\.com/],
    ['*.com', /at least two labels/],
    ['*.com:443', /at least two labels/],
    ['*.1.2.3.4', /no subdomains/],
    ['*.1.2.3.4:80', /no subdomains/],
    ['*.[::1]', /no subdomains/],
    ['*.[::1]:80', /no subdomains/],
    ['b\xfccher.de', /xn--/],
    ['', /has no host/],
    ['host:0', /port outside/],
    ['host:', /has no port/],
    ['a b', /malformed host/],
    ['1.2.3', /malformed host/],
    ['user@host', /malformed host/],
  ])('refuse %j with the cure', (pattern, cure) => {
    expect(() => new TargetHosts([pattern])).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(cure) }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { parseAbsoluteForm } from './absolute-form.ts';
import { formatAuthority, parseAuthority, parseHost } from './authority.ts';
import { canonicalIp } from './ip.ts';

describe('an authority with what may be a password', () => {
  it.each([
    'me:hunter2@api.anthropic.com:443',
    'hunter2@api.anthropic.com',
    'me:hun@ter2@api.anthropic.com:443',
    'me:hunter2',
    '[::1]:hunter2',
    'me:hunter2:443x',
  ])('is refused, and it is not repeated: %j', (text) => {
    for (const parse of [() => parseAuthority(text), () => parseAuthority(text, { defaultPort: 443 })])
      expect(parse).toThrow(/^The request names the authority ((?!hunter2|ter2).)*$/);
  });

  it('of a URL, up to a slash that nobody escaped', () => {
    expect(() => parseAbsoluteForm('http://me:hunter2/x@api.anthropic.com/')).toThrow(/^((?!hunter2).)*$/);
  });
});

describe('an authority', () => {
  it.each([
    ['api.anthropic.com:443', 'api.anthropic.com', 443],
    ['API.Anthropic.COM:8443', 'api.anthropic.com', 8443],
    ['api.anthropic.com.:443', 'api.anthropic.com', 443],
    ['localhost:1', 'localhost', 1],
    ['under_score.example:80', 'under_score.example', 80],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['[::1]:443', '::1', 443],
    ['[0:0:0:0:0:0:0:1]:443', '::1', 443],
    ['[2001:DB8::A]:80', '2001:db8::a', 80],
    ['[::ffff:1.2.3.4]:80', '::ffff:102:304', 80],
  ])('%s', (text, host, port) => {
    expect(parseAuthority(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':443',
    'host',
    'host:',
    'host:0',
    'host:65536',
    'host:+1',
    'host:080',
    'host:443:443',
    'host:44 3',
    '::1:443',
    '[::1]',
    '[::1',
    '[::1]443',
    '[]:443',
    '[1.2.3.4]:443',
    '[::1%eth0]:443',
    '[::g]:443',
    '[1:2:3:4:5:6:7:8:9]:443',
    'a@b:443',
    'a/b:443',
    'a b:443',
    'a..b:443',
    '-a:443',
    'a-:443',
    '1.2.3:80',
    '1.2.3.256:80',
    '01.2.3.4:80',
    '2130706433:80',
    '0x7f.1:80',
    'h\xe9:443',
    `${'a'.repeat(64)}.com:443`,
  ])('refuses %j', (text) => {
    expect(() => parseAuthority(text)).toThrow(
      expect.objectContaining({ status: 400, code: 'bad-request-framing' }),
    );
  });

  it('has a default port only where one is given', () => {
    expect(parseAuthority('h', { defaultPort: 443 })).toEqual({ host: 'h', port: 443 });
    expect(parseAuthority('[::1]', { defaultPort: 443 })).toEqual({ host: '::1', port: 443 });
    expect(parseAuthority('h:80', { defaultPort: 443 }).port).toBe(80);
    expect(() => parseAuthority('h:', { defaultPort: 443 })).toThrow('no port');
  });

  it("tells a user's mistake with its cure", () => {
    expect(() => parseAuthority('a b', { code: 'bad-option' })).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        message: '"a b" has a malformed host; write host:port, e.g. api.anthropic.com:443 or [::1]:443.',
      }),
    );
  });

  it('is written back, with brackets where they belong', () => {
    expect(formatAuthority({ host: '::1', port: 443 })).toBe('[::1]:443');
    expect(formatAuthority({ host: 'h', port: 443 }, 443)).toBe('h');
    expect(formatAuthority({ host: 'h', port: 80 }, 443)).toBe('h:80');
  });
});

describe('an IP literal', () => {
  it.each([
    ['::', '::'],
    ['1::', '1::'],
    ['0:0:1::', '0:0:1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['0001:00A0::', '1:a0::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it.each([
    '',
    ':',
    ':::',
    '1:2',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '1.2.3.4::',
    '1.2.3',
    'a.b.c.d',
    '1.2.3.04',
  ])('%j is none', (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  it('has one spelling in a host', () => {
    expect(parseHost('[::0001]')).toBe('::1');
    expect(parseHost('::1')).toBeUndefined();
    expect(parseHost('1.2.3.4.')).toBe('1.2.3.4');
  });
});

describe('an absolute-form', () => {
  it.each([
    [
      'http://api.anthropic.com/v1/messages?beta=true',
      'http',
      'api.anthropic.com',
      80,
      '/v1/messages?beta=true',
    ],
    ['HTTPS://Api.Anthropic.Com/', 'https', 'api.anthropic.com', 443, '/'],
    ['http://h', 'http', 'h', 80, '/'],
    ['http://h?a=b', 'http', 'h', 80, '/?a=b'],
    ['http://h:8080/a:b@c', 'http', 'h', 8080, '/a:b@c'],
    ['http://h:/a', 'http', 'h', 80, '/a'],
    ['http://user:p%40ss@h:81/', 'http', 'h', 81, '/'],
    ['http://user@evil@h/', 'http', 'h', 80, '/'],
    ['http://[::1]:81/a//b?c?d', 'http', '::1', 81, '/a//b?c?d'],
    ['http://h/a#fragment', 'http', 'h', 80, '/a'],
  ])('%s', (target, scheme, host, port, path) => {
    const written = expect.any(String);
    expect(parseAbsoluteForm(target)).toEqual({ scheme, authority: { host, port }, written, path });
  });

  it.each([
    ['http://user:p%40ss@Host.Example:80/a', 'Host.Example:80'],
    ['http://h:/a', 'h'],
    ['https://[::1]:81', '[::1]:81'],
  ])('%s names its host as %s', (target, written) => {
    expect(parseAbsoluteForm(target).written).toBe(written);
  });

  it('of an OPTIONS without path means the whole server', () => {
    expect(parseAbsoluteForm('http://h', 'OPTIONS').path).toBe('*');
    expect(parseAbsoluteForm('http://h/', 'OPTIONS').path).toBe('/');
    expect(parseAbsoluteForm('http://h?a', 'OPTIONS').path).toBe('/?a');
  });

  it.each([
    '/a',
    'h:443',
    'ftp://h/',
    'ws://h/',
    'http:/h',
    'http://',
    'http://@/',
    'http://h:x/',
    'http://a b/',
    'http://[::1/',
  ])('refuses %j', (target) => {
    expect(() => parseAbsoluteForm(target)).toThrow(expect.objectContaining({ status: 400 }));
  });
});

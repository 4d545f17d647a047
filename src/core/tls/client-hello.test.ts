/** Hellos made by hand, for what no TLS library would send; real ones are in test/codec/client-hello.test.ts. */
import { describe, expect, it } from 'vitest';
import { readClientHello } from './client-hello.ts';

const u8 = (value: number): number[] => [value];
const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];
const vector = (size: 1 | 2, content: number[]): number[] => [
  ...(size === 1 ? u8(content.length) : u16(content.length)),
  ...content,
];
const extension = (type: number, content: number[]): number[] => [...u16(type), ...vector(2, content)];
const sni = (name: string, type = 0): number[] =>
  extension(0, vector(2, [...u8(type), ...vector(2, ascii(name))]));
const alpn = (...names: string[]): number[] =>
  extension(
    16,
    vector(
      2,
      names.flatMap((name) => vector(1, ascii(name))),
    ),
  );
const versions = (...list: number[]): number[] => extension(43, vector(1, list.flatMap(u16)));

function body(extensions: number[] | null): number[] {
  const fixed = [
    ...u16(0x0303),
    ...new Array<number>(32).fill(7),
    ...vector(1, [1, 2, 3]),
    ...vector(2, [0x13, 1]),
  ];
  return [...fixed, ...vector(1, [0]), ...(extensions === null ? [] : vector(2, extensions))];
}

function handshake(content: number[], type = 1): number[] {
  return [type, 0, ...u16(content.length), ...content];
}

/** The handshake in records of at most `size` bytes. */
function records(message: number[], size = 16_384, contentType = 22): Buffer {
  const out: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    out.push(contentType, 3, 1, ...vector(2, message.slice(at, at + size)));
  }
  return Buffer.from(out);
}

const FULL = handshake(
  body([
    ...extension(0x0a0a, []),
    ...sni('API.Example.com'),
    ...alpn('h2', 'http/1.1'),
    ...versions(0x0a0a, 0x0304, 0x0303),
    ...extension(10, vector(2, [0x001d, 0x0018].flatMap(u16))),
    ...extension(51, vector(2, [...u16(0x001d), ...vector(2, [1, 2, 3])])),
  ]),
);
const READ = {
  kind: 'hello',
  sni: 'api.example.com',
  alpn: ['h2', 'http/1.1'],
  versions: [0x0a0a, 0x0304, 0x0303],
  groups: [0x001d, 0x0018],
  shares: [0x001d],
};

describe('a ClientHello', () => {
  it('gives server name, protocols and versions, and leaves what follows alone', () => {
    expect(readClientHello(records(FULL))).toEqual(READ);
    expect(readClientHello(Buffer.concat([records(FULL), Buffer.from([0, 1, 2])]))).toEqual(READ);
  });

  it('may span records of any size', () => {
    for (let size = 1; size <= FULL.length; size++)
      expect(readClientHello(records(FULL, size))).toEqual(READ);
  });

  it('asks for more at every split point, in one record or many', () => {
    for (const size of [16_384, 100, 9, 3, 1]) {
      const bytes = records(FULL, size);
      for (let end = 0; end < bytes.length; end++) {
        expect(readClientHello(bytes.subarray(0, end)), `${size}, ${end}`).toEqual({ kind: 'more' });
      }
    }
  });

  it('need not name a server, nor have extensions', () => {
    expect(readClientHello(records(handshake(body([]))))).toEqual({
      kind: 'hello',
      alpn: [],
      versions: [0x0303],
      groups: [],
      shares: [],
    });
    expect(readClientHello(records(handshake(body(null))))).toEqual({
      kind: 'hello',
      alpn: [],
      versions: [0x0303],
      groups: [],
      shares: [],
    });
    expect(readClientHello(records(handshake(body(sni('x', 1)))))).not.toHaveProperty('sni');
    expect(readClientHello(records(handshake(body(sni('')))))).not.toHaveProperty('sni');
  });

  it('is read past extensions that are cut short inside', () => {
    const cut = extension(0, [0, 99, 0]);
    expect(readClientHello(records(handshake(body([...cut, ...alpn('h2')]))))).toEqual({
      kind: 'hello',
      alpn: ['h2'],
      versions: [0x0303],
      groups: [],
      shares: [],
    });
    expect(readClientHello(records(handshake(body(extension(43, [3, 3, 4]))))).kind).toBe('hello');
  });
});

describe('no ClientHello', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['another record type', records(FULL, 16_384, 23)],
    ['another major version', Buffer.from([22, 2, 0, 0, 5])],
    ['another handshake message', records(handshake([0, 0], 2))],
    ['another handshake message, its record not whole', records(handshake([0, 0], 2)).subarray(0, 6)],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record beyond the limit', Buffer.from([22, 3, 1, 0x40, 1])],
    ['a hello beyond the limit', Buffer.from([22, 3, 1, 0, 4, 1, 1, 0, 0])],
    [
      'something else in the second record',
      Buffer.concat([records(FULL, 50).subarray(0, 55), Buffer.from('GET')]),
    ],
    ['an extension longer than the list', records(handshake(body([0, 0, 0, 9])))],
    ['a hello that ends early', records(handshake([3, 3, 1, 2]))],
  ])('%s', (_, bytes) => {
    expect(readClientHello(bytes)).toEqual({ kind: 'not-tls' });
  });

  it('never reads further than 64 KiB for one', () => {
    const endless = records([1, 0, 0xff, 0xfc, ...new Array<number>(0xfffc).fill(0)], 16_384);
    expect(readClientHello(endless.subarray(0, -1)).kind).toBe('more');
    expect(readClientHello(endless).kind).not.toBe('more');
  });
});

/** Everything that the codec refuses on purpose, in one table: smuggling vectors first (RFC 9112 §11.2). */
import { describe, expect, it } from 'vitest';
import { BodyScanner, FramingError, HeadReader } from './head.ts';

type Row = [violation: RegExp, message: string, status?: number];

function refusal(kind: 'request' | 'response', text: string): FramingError {
  const chunk = Buffer.from(text, 'latin1');
  try {
    const reader = new HeadReader(kind);
    const next = reader.push(chunk, 0);
    if (next < 0) throw new Error(`waits for more of ${JSON.stringify(text)}`);
    const head = reader.take();
    const framing = 'target' in head ? head.framing : head.framingFor('GET');
    new BodyScanner(framing, undefined, kind).push(chunk, next);
  } catch (error) {
    if (error instanceof FramingError) return error;
    throw error;
  }
  throw new Error(`accepts ${JSON.stringify(text)}`);
}

/** Violations of fields, the same in both directions: `$` stands for the line at fault. */
const FIELDS: Row[] = [
  [/both Content-Length and Transfer-Encoding/, 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
  [/both Content-Length and Transfer-Encoding/, 'Transfer-Encoding: chunked\r\nContent-Length: 0'],
  [/two Content-Length/, 'Content-Length: 5\r\nContent-Length: 5'],
  [/two Content-Length/, 'Content-Length: 5\r\ncontent-length: 6'],
  [/two Transfer-Encoding/, 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
  [/not a plain decimal/, 'Content-Length: 5, 5'],
  [/not a plain decimal/, 'Content-Length: +5'],
  [/not a plain decimal/, 'Content-Length: -5'],
  [/not a plain decimal/, 'Content-Length: 5;'],
  [/not a plain decimal/, 'Content-Length: 5 5'],
  [/not a plain decimal/, 'Content-Length: 0x5'],
  [/not a plain decimal/, 'Content-Length: 5.0'],
  [/not a plain decimal/, 'Content-Length:  5'],
  [/not a plain decimal/, 'Content-Length:\t5'],
  [/not a plain decimal/, 'Content-Length: 5 '],
  [/not a plain decimal/, 'Content-Length: \xb2'],
  [/leading zeros/, 'Content-Length: 05'],
  [/leading zeros/, 'Content-Length: 00'],
  [/empty Content-Length/, 'Content-Length: '],
  [/empty Content-Length/, 'Content-Length:'],
  [/beyond 2\^53/, 'Content-Length: 9007199254740992'],
  [/beyond 2\^53/, 'Content-Length: 18446744073709551621'],
  [/"gzip, chunked"/, 'Transfer-Encoding: gzip, chunked', 501],
  [/"chunked, gzip"/, 'Transfer-Encoding: chunked, gzip'],
  [/"chunked, chunked"/, 'Transfer-Encoding: chunked, chunked'],
  [/"identity"/, 'Transfer-Encoding: identity'],
  [/Transfer-Encoding/, 'Transfer-Encoding: chun\xe2\x84\xaaed'],
  [/Transfer-Encoding/, 'Transfer-Encoding: chunked '],
  [/Transfer-Encoding/, 'Transfer-Encoding:\tchunked'],
  [/Transfer-Encoding/, 'Transfer-Encoding:  chunked'],
  [/Transfer-Encoding/, 'Transfer-Encoding: "chunked"'],
  [/Transfer-Encoding/, 'Transfer-Encoding: chunked;a=b'],
  [/Transfer-Encoding/, 'Transfer-Encoding:'],
  [/between a header name and its colon/, 'Transfer-Encoding : chunked'],
  [/between a header name and its colon/, 'X\t: y'],
  [/obs-fold/, 'X: y\r\n z'],
  [/obs-fold/, 'X: y\r\n\tz'],
  [/obs-fold/, ' X: y'],
  [/line feed without carriage return/, 'X: y\nZ: z'],
  [/line feed without carriage return/, 'X\nZ: z'],
  [/carriage return without line feed/, 'X: y\rZ: z'],
  [/carriage return without line feed/, '\rX: y'],
  [/control byte 0x00/, 'X: a\0b'],
  [/control byte 0x0b/, 'X: a\x0bb'],
  [/control byte 0x7f/, 'X: a\x7fb'],
  [/0x00 in a header name/, 'X\0: y'],
  [/0xe9 in a header name/, 'X\xe9: y'],
  [/'\(' in a header name/, 'X(: y'],
  [/0x0d in a header name/, 'nocolon'],
  [/without a name/, ': y'],
];

/** Chunked bodies, the same in both directions. */
const CHUNKED: Row[] = [
  [/begins with 0x20/, ' 5\r\nhello'],
  [/begins with 0x0d/, '\r\n'],
  [/begins with ';'/, ';a\r\n'],
  [/begins with '-'/, '-5\r\nhello'],
  [/begins with '\+'/, '+5\r\nhello'],
  [/'x' after a chunk size/, '0x5\r\nhello'],
  [/0x20 after a chunk size/, '5 \r\nhello'],
  [/0x20 after a chunk size/, '5 ;a\r\nhello'],
  [/0x0a after a chunk size/, '5\nhello'],
  [/0x0a after a chunk size/, '5;a\nhello'],
  [/0x0d after a chunk size/, '5;\r\nhello'],
  [/0x0d after a chunk size/, '5;a=\r\nhello'],
  [/0x0d after a chunk size/, '5;a="b\r\nhello'],
  [/'c' after a chunk size/, '5;a="b"c\r\nhello'],
  [/0x20 after a chunk size/, '5;a =b\r\nhello'],
  [/0x00 after a chunk size/, '5;a="\0"\r\nhello'],
  [/0x0a after a chunk size/, '5;a="\\\n"\r\nhello'],
  [/does not end in CRLF/, '5\rhello'],
  [/chunk size beyond/, '20000000000000\r\n'],
  [/chunk size beyond/, 'ffffffffffffffff\r\n'],
  [/chunk size beyond/, '00000000000000005\r\nhello'],
  [/longer than its size/, '5\r\nhelloo\r\n'],
  [/longer than its size/, '5\r\nhello\n0\r\n\r\n'],
  [/chunk that does not end in CRLF/, '5\r\nhello\r0\r\n'],
  [/more than 1024 bytes of chunk extensions/, `5;a=${'b'.repeat(1022)}\r\nhello`],
  [/Content-Length field in its trailers/, '0\r\nContent-Length: 5\r\n\r\n'],
  [/transfer-encoding field in its trailers/, '0\r\ntransfer-encoding: chunked\r\n\r\n'],
  [/HOST field in its trailers/, '0\r\nX: y\r\nHOST: h\r\n\r\n'],
  [/Authorization field in its trailers/, '0\r\nAuthorization: x\r\n\r\n'],
  [/obs-fold/, '0\r\nX: y\r\n z\r\n\r\n'],
  [/line feed without/, '0\r\nX: y\n\r\n'],
  [/carriage return without line feed/, '0\r\n\rX'],
];

/** Start lines and what only a request can get wrong. */
const REQUESTS: Row[] = [
  [/no Host field/, 'GET / HTTP/1.1\r\n\r\n'],
  [/no Host field/, 'OPTIONS * HTTP/1.1\r\n\r\n'],
  [/two Host fields/, 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
  [/'@' in its Host/, 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n'],
  [/'\/' in its Host/, 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  [/0x20 in its Host/, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  [/Transfer-Encoding in HTTP\/1\.0/, 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  [/HTTP\/0\.9/, 'GET /\r\n\r\n'],
  [/without a target/, 'GET\r\n\r\n'],
  [/version other than/, 'GET / HTTP/2.0\r\n\r\n', 505],
  [/version other than/, 'GET / HTTP/1.2\r\n\r\n', 505],
  [/version other than/, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  [/version other than/, 'GET / HTTP/0.9\r\n\r\n', 505],
  [/does not end in HTTP/, 'GET / http/1.1\r\n\r\n'],
  [/does not end in HTTP/, 'GET / HTTP/1.1 \r\n\r\n'],
  [/does not end in HTTP/, 'GET / HTTP/1.10\r\n\r\n'],
  [/version other than/, 'GET / HTTP/01.1\r\n\r\n', 505],
  [/does not end in HTTP/, 'GET /a b HTTP/1.1\r\n\r\n'],
  [/line feed without/, 'GET / HTTP/1.1\nHost: h\r\n\r\n'],
  [/carriage return without/, 'GET / HTTP/1.1\rHost: h\r\n\r\n'],
  [/more than one space/, 'GET  / HTTP/1.1\r\n\r\n'],
  [/more than one space/, 'GET \t/ HTTP/1.1\r\n\r\n'],
  [/control byte 0x00 in its target/, 'GET /\0 HTTP/1.1\r\n\r\n'],
  [/control byte 0x7f in its target/, 'GET /\x7f HTTP/1.1\r\n\r\n'],
  [/0x20 in its method/, ' GET / HTTP/1.1\r\n\r\n'],
  [/'\(' in its method/, 'G(T / HTTP/1.1\r\n\r\n'],
  [/0xe9 in its method/, 'G\xe9T / HTTP/1.1\r\n\r\n'],
  [/0x16 in its method/, '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  [/begins with empty lines/, '\r\n\r\nGET / HTTP/1.1\r\n\r\n'],
  [/begins with empty lines/, '\nGET / HTTP/1.1\r\n\r\n'],
  [/carriage return without/, '\rGET / HTTP/1.1\r\n\r\n'],
  [/neither a path nor a URL/, 'GET foo HTTP/1.1\r\nHost: h\r\n\r\n'],
  [/neither a path nor a URL/, 'GET * HTTP/1.1\r\nHost: h\r\n\r\n'],
  [/neither a path nor a URL/, 'GET h:443 HTTP/1.1\r\nHost: h\r\n\r\n'],
];

const RESPONSES: Row[] = [
  [/Transfer-Encoding in HTTP\/1\.0/, 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  [/does not begin with/, 'ICY 200 OK\r\n\r\n'],
  [/does not begin with/, '\r\nHTTP/1.1 200 OK\r\n\r\n'],
  [/does not begin with/, 'HTTP/1.1200 OK\r\n\r\n'],
  [/does not begin with/, 'HTTP/1.1\t200 OK\r\n\r\n'],
  [/version other than/, 'HTTP/2.0 200 OK\r\n\r\n'],
  [/not three digits/, 'HTTP/1.1 20 OK\r\n\r\n'],
  [/not three digits/, 'HTTP/1.1 2000 OK\r\n\r\n'],
  [/not three digits/, 'HTTP/1.1  200 OK\r\n\r\n'],
  [/not three digits/, 'HTTP/1.1 2x0 OK\r\n\r\n'],
  [/below 100/, 'HTTP/1.1 099 OK\r\n\r\n'],
  [/line feed without/, 'HTTP/1.1 200 OK\nX: y\r\n\r\n'],
  [/control byte 0x00 in its reason/, 'HTTP/1.1 200 O\0K\r\n\r\n'],
  [/carriage return without/, 'HTTP/1.1 200 OK\rX: y\r\n\r\n'],
];

describe.each([
  ['request', 'POST / HTTP/1.1\r\nHost: h\r\n'],
  ['response', 'HTTP/1.1 200 OK\r\n'],
] as const)('in a %s', (kind, start) => {
  const expected = (status: number | undefined) =>
    kind === 'request'
      ? { code: 'bad-request-framing', status: status ?? 400 }
      : { code: 'upstream-bad-response', status: 502 };

  it.each(FIELDS)('%s: %j', (violation, lines, status) => {
    const error = refusal(kind, `${start}${lines}\r\n\r\n`);
    expect(error.message).toMatch(violation);
    expect(error).toMatchObject(expected(status));
  });

  it.each(CHUNKED)('%s: chunked body %j', (violation, body, status) => {
    const error = refusal(kind, `${start}Transfer-Encoding: chunked\r\n\r\n${body}`);
    expect(error.message).toMatch(violation);
    expect(error).toMatchObject(expected(status));
  });

  it('more trailers than fit are refused', () => {
    const trailers = `X: ${'y'.repeat(70_000)}`;
    const error = refusal(kind, `${start}Transfer-Encoding: chunked\r\n\r\n0\r\n${trailers}`);
    expect(error.message).toMatch(/more than 65536 bytes of trailers/);
  });
});

it.each(REQUESTS)('a request: %s: %j', (violation, text, status) => {
  const error = refusal('request', text);
  expect(error.message).toMatch(violation);
  expect(error).toMatchObject({ code: 'bad-request-framing', status: status ?? 400 });
});

it.each(RESPONSES)('a response: %s: %j', (violation, text) => {
  const error = refusal('response', text);
  expect(error.message).toMatch(violation);
  expect(error).toMatchObject({ code: 'upstream-bad-response', status: 502, kind: 'system' });
});

it('each message is one sentence that names the violation', () => {
  expect(refusal('request', 'GET /\r\n\r\n').message).toBe(
    'The request has a request line without a version (HTTP/0.9).',
  );
  expect(refusal('response', 'HTTP/1.1 200 OK\r\nX : y\r\n\r\n').message).toBe(
    "The upstream's answer has white space between a header name and its colon.",
  );
});

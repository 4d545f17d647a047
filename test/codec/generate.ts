/** Makes HTTP/1.1 messages, right ones and broken ones, as fast-check arbitraries over latin1 text. */
import fc from 'fast-check';
import type { Header } from '../../src/core/facts.ts';

/** A message before it is written: what a reader must find in it again. */
export interface Spec {
  readonly start: string;
  readonly minor: 0 | 1;
  /** Name, white space before the value, value, white space after it. */
  readonly fields: readonly (readonly [string, string, string, string])[];
  readonly body: string;
  /** Undefined: told by Content-Length (a field of `fields`) or not at all. */
  readonly chunks?: readonly { readonly data: string; readonly size: string; readonly extension: string }[];
  readonly trailers: readonly Header[];
}

const from = (alphabet: string, range: { minLength?: number; maxLength?: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), ...range });

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const TOKEN = `!#$%&'*+-.^_\`|~${LETTERS}`;
const LATIN1 = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i))
  .concat(
    Array.from({ length: 128 }, (_, i) => String.fromCharCode(0x80 + i)),
    ['\t'],
  )
  .join('');
const BYTES = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');

/** Names that the codec gives a meaning; generated fields of these come from the framing alone. */
const MEANT =
  /^(host|connection|content-length|transfer-encoding|expect|upgrade|te|trailer|keep-alive|proxy-.*|content-(encoding|type|range)|authorization|cookie|set-cookie)$/i;

const name = fc.oneof(
  fc.constantFrom('Accept', 'x-api-key', 'User-Agent', 'anthropic-version', 'X-Stainless-Retry-Count', 'a'),
  from(TOKEN, { minLength: 1, maxLength: 24 }).filter((text) => !MEANT.test(text)),
);
const value = fc.oneof(
  fc.constantFrom('', '*/*', '2023-06-01', 'application/json; charset=utf-8'),
  from(LATIN1, { maxLength: 40 }).map((text) => text.replace(/^[ \t]+|[ \t]+$/g, '')),
);
const blanks = fc.constantFrom('', ' ', ' ', ' ', '\t', '  \t ');
const field = fc.tuple(name, blanks, value, blanks);
const fields = fc.array(field, { maxLength: 8 });
const body = from(BYTES, { maxLength: 60 });
const extension = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom(';a', ';a=b', ';name="quoted \\" ; text"', ';a=1;b=2', ';chunk-signature=0123456789abcdef'),
);

const method = fc.constantFrom(
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PROPFIND',
  'PURGE',
);
const path = from(`/?&=%._~-:@!$'()*+,;${LETTERS}`, { maxLength: 40 }).map((text) => `/${text}`);
const target = fc.oneof(
  { weight: 5, arbitrary: path },
  path.map((text) => `http://api.anthropic.com:80${text}`),
  path.map((text) => `HTTPS://[::1]${text}`),
);
const reason = fc.oneof(
  fc.constantFrom('OK', 'Not Found', '', 'Überlastet'),
  from(LATIN1, { maxLength: 20 }).map((text) => text.trimStart()),
);
const status = fc.oneof(
  fc.constantFrom(200, 201, 400, 404, 429, 500, 529),
  fc.integer({ min: 200, max: 599 }),
);

const chunk = fc
  .tuple(from(BYTES, { minLength: 1, maxLength: 40 }), fc.nat(3), fc.boolean(), extension)
  .map(([data, zeros, upper, ext]) => {
    const hex = data.length.toString(16);
    return { data, size: '0'.repeat(zeros) + (upper ? hex.toUpperCase() : hex), extension: ext };
  });
const trailer: fc.Arbitrary<Header> = fc.tuple(name, value);

type Framed = Pick<Spec, 'fields' | 'body' | 'chunks' | 'trailers' | 'minor'>;

/** No body, a counted one, or a chunked one; with its framing field put among the others. */
function framed(more: fc.Arbitrary<Spec['fields']>): fc.Arbitrary<Framed> {
  const placed = (framing: Spec['fields'][number] | undefined): fc.Arbitrary<Spec['fields']> =>
    fc.tuple(fields, more, fc.nat(20)).map(([some, others, at]) => {
      const all = [...some, ...others];
      if (framing) all.splice(at % (all.length + 1), 0, framing);
      return all;
    });
  const minor = fc.constantFrom<0 | 1>(1, 1, 1, 0);
  return fc.oneof(
    fc.record({ fields: placed(undefined), minor }).map((part) => ({ ...part, body: '', trailers: [] })),
    fc.tuple(body, minor).chain(([text, version]) =>
      fc
        .tuple(
          fc.constantFrom('Content-Length', 'content-length', 'CONTENT-LENGTH'),
          fc.constantFrom('', ' '),
        )
        .chain(([spelling, blank]) => placed([spelling, blank, String(text.length), '']))
        .map((all) => ({ fields: all, minor: version, body: text, trailers: [] })),
    ),
    fc
      .tuple(
        fc
          .constantFrom('chunked', 'Chunked', 'CHUNKED')
          .chain((coding) => placed(['Transfer-Encoding', ' ', coding, ''])),
        fc.array(chunk, { maxLength: 5 }),
        fc.array(trailer, { maxLength: 3 }),
      )
      .map(([all, chunks, trailers]) => ({
        fields: all,
        minor: 1 as const,
        body: chunks.map(({ data }) => data).join(''),
        chunks,
        trailers,
      })),
  );
}

const host = fc
  .tuple(
    fc.constantFrom('Host', 'host', 'HOST'),
    blanks,
    fc.constantFrom('api.anthropic.com', '[::1]:8080'),
    blanks,
  )
  .map((line) => [line]);
const connection = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Spec['fields']>([]) },
  fc
    .constantFrom('close', 'keep-alive', 'Keep-Alive', 'TE, close')
    .map((text): Spec['fields'] => [['Connection', ' ', text, '']]),
);

/** A valid request. */
export const request: fc.Arbitrary<Spec> = fc
  .tuple(method, target, framed(fc.tuple(host, connection).map(([a, b]) => [...a, ...b])))
  .map(([verb, uri, rest]) => ({ start: `${verb} ${uri}`, ...rest }));

/** A valid final response. Without Content-Length or chunks its body ends with the connection. */
export const response: fc.Arbitrary<Spec> = fc
  .tuple(status, reason, framed(connection), body)
  .map(([code, phrase, rest, open]) => {
    const told = rest.fields.some(([text]) => /^(content-length|transfer-encoding)$/i.test(text));
    const bare = code === 204 || code === 304;
    if (bare && told) return { start: `200 ${phrase}`, ...rest };
    return { start: `${code} ${phrase}`, ...rest, body: told ? rest.body : bare ? '' : open };
  });

/** The bytes of a message, as latin1 text. */
export function write(spec: Spec, kind: 'request' | 'response'): string {
  const version = `HTTP/1.${spec.minor}`;
  const first = kind === 'request' ? `${spec.start} ${version}` : `${version} ${spec.start}`;
  const lines = spec.fields.map(([key, before, text, after]) => `${key}:${before}${text}${after}\r\n`);
  let out = `${first}\r\n${lines.join('')}\r\n`;
  if (spec.chunks === undefined) return out + spec.body;
  for (const { data, size, extension: ext } of spec.chunks) out += `${size}${ext}\r\n${data}\r\n`;
  return `${out}0\r\n${spec.trailers.map(([key, text]) => `${key}: ${text}\r\n`).join('')}\r\n`;
}

/** Bytes and lines at which parsers have been found to differ (Http11Probe and others). */
const SPLINTERS = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ' ',
  '\t',
  '\0',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x80',
  '\xff',
  ':',
  ';',
  ',',
  '"',
  '0',
  '5',
  '+',
  '-',
  'x',
  'f',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Transfer-Encoding: \xe2\x84\xaachunked\r\n',
  'Transfer-Encoding: chun\xe2\x84\xaaed\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding: chunked, gzip\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding:\tchunked\r\n',
  'Transfer-Encoding: "chunked"\r\n',
  'Transfer-Encoding: chunked;q=1\r\n',
  'Transfer_Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 05\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: -5\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length:  5\r\n',
  'Content-Length: 5 \r\n',
  'Content-Length: 5 5\r\n',
  'Content-Length: 0x5\r\n',
  'Content-Length: \r\n',
  'Content-Length: 9007199254740993\r\n',
  'Content-Length: 18446744073709551621\r\n',
  'Content-Length : 5\r\n',
  ' Content-Length: 5\r\n',
  'Host: other\r\n',
  'Host: a b\r\n',
  'Host: a@b\r\n',
  'Host:\r\n',
  ' folded\r\n',
  '\tfolded\r\n',
  ': nameless\r\n',
  'no colon\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive, close\r\n',
  'Expect: 100-continue\r\n',
  'TE: trailers\r\n',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '10000000000000000\r\n',
  '5;a=\n\r\n',
  '5 ;a\r\n',
  '5;\r\n',
  '5;a=b;\r\n',
  '0x5\r\n',
  ' 5\r\n',
  '5 \r\n',
] as const; // prettier-ignore

type Mutation = (text: string) => string;
const mutation: fc.Arbitrary<Mutation> = fc
  .noBias(fc.tuple(fc.nat(4), fc.nat(9999), fc.constantFrom(...SPLINTERS), fc.nat(255)))
  .map(([how, place, splinter, byte]) => (text: string) => {
    const at = Math.floor((place * text.length) / 10_000);
    const line = text.lastIndexOf('\n', at) + 1;
    if (how === 0) return text.slice(0, at) + splinter + text.slice(at);
    if (how === 1) return text.slice(0, line) + splinter + text.slice(line);
    if (how === 2) return text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
    if (how === 3) return text.slice(0, at) + text.slice(at + 1);
    const end = text.indexOf('\n', at) + 1 || text.length;
    return text.slice(0, end) + text.slice(line);
  });

/** A valid message with one to three faults in it (some of them harmless). */
export function broken(kind: 'request' | 'response'): fc.Arbitrary<string> {
  return fc
    .tuple(kind === 'request' ? request : response, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([spec, mutations]) => mutations.reduce((text, mutate) => mutate(text), write(spec, kind)));
}

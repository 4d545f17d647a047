/**
 * Bytes without sense. Whatever comes, the codec throws a FramingError or nothing, answers within its chunk,
 * and neither reads nor changes memory that is not the chunk's. Bounded by count; the same bytes every time.
 */
import { describe, expect, it } from 'vitest';
import { BodyScanner, FramingError, HeadReader } from '../../src/core/http1/head.ts';
import { readClientHello } from '../../src/core/tls/client-hello.ts';
import { sniff } from '../../src/core/tls/sniff.ts';

const RUNS = Number(process.env.CODEC_RUNS ?? 8000);

/** xorshift32: tests need a stream of their own that never changes. */
function stream(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const WORDS = [
  'GET ',
  'POST ',
  '/',
  ' HTTP/1.1',
  ' HTTP/1.0',
  'HTTP/1.1 ',
  '200',
  ' OK',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  ':',
  ': ',
  ' ',
  '\t',
  'Host: h\r\n',
  'X: y\r\n',
  'X: y\r\n',
  'Accept:\t*/* \r\n',
  'Content-Length: ',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'TE: ',
  '0',
  '1',
  '5',
  'f',
  '0\r\n\r\n',
  ';a=b',
  '"',
  'x',
  '\0',
  '\x80',
  '\xff',
  '\x16\x03\x01',
  'PRI * HTTP/2.0',
  'aaaaaaaaaaaaaaaaaaaaaaaa',
]; // prettier-ignore

function babble(next: (below: number) => number): Buffer {
  const count = next(40);
  let text = '';
  for (let i = 0; i < count; i++)
    text += next(8) === 0 ? String.fromCharCode(next(256)) : WORDS[next(WORDS.length)];
  return Buffer.from(text, 'latin1');
}

/** `content` between bytes that would end a head, a chunk or a line at once if they were read. */
function fenced(content: Buffer): { chunk: Buffer; whole: Buffer } {
  const fence = Buffer.from('\r\n\r\n0\r\n\r\n');
  const whole = Buffer.concat([fence, content, fence]);
  return { chunk: whole.subarray(fence.length, fence.length + content.length), whole };
}

/** Drives one connection as the engine does; checks each answer's range. Returns what a reader would report. */
function drive(kind: 'request' | 'response', parts: readonly Buffer[]): string {
  const reader = new HeadReader(kind, 4096);
  let body: BodyScanner | undefined;
  let said = '';
  try {
    for (const part of parts) {
      const { chunk, whole } = fenced(part);
      const before = Buffer.from(whole);
      for (let at = 0, turns = 0; at < chunk.length; turns++) {
        expect(turns).toBeLessThanOrEqual(2 * chunk.length);
        const end: number = body === undefined ? reader.push(chunk, at) : body.push(chunk, at);
        if (body === undefined && end < 0) break;
        expect(end).toBeGreaterThanOrEqual(body === undefined ? at + 1 : at);
        expect(end).toBeLessThanOrEqual(chunk.length);
        at = end;
        if (body === undefined) {
          const head = reader.take();
          said += `${head.raw.toString('latin1')}|${JSON.stringify(head.headers.list())}`;
          body = new BodyScanner('target' in head ? head.framing : head.framingFor('GET'), undefined, kind);
        }
        if (body.done) {
          said += JSON.stringify(body.trailers);
          body = undefined;
        }
      }
      expect(whole.equals(before)).toBe(true);
    }
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    return `${said}!${error.message}`;
  }
  return said;
}

describe.each(['request', 'response'] as const)('babble as a %s', (kind) => {
  it('is refused or read, alike in one chunk and in many', () => {
    const next = stream(kind === 'request' ? 1 : 2);
    let refused = 0;
    let read = 0;
    for (let run = 0; run < RUNS; run++) {
      const prefix = kind === 'request' ? 'GET / HTTP/1.1\r\nHost: h\r\n' : 'HTTP/1.1 200 OK\r\n';
      const bytes = Buffer.concat([Buffer.from(next(2) ? prefix : ''), babble(next)]);
      const whole = drive(kind, [bytes]);
      const parts: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const to = Math.min(bytes.length, at + 1 + next(20));
        parts.push(bytes.subarray(at, to));
        at = to;
      }
      expect(drive(kind, parts), JSON.stringify(bytes.toString('latin1'))).toBe(whole);
      if (whole.includes('!')) refused++;
      if (whole !== '' && !whole.startsWith('!')) read++;
    }
    expect(refused).toBeGreaterThan(RUNS / 4);
    // Some babble holds a whole head, and what follows is then read as its body.
    expect(read).toBeGreaterThan(RUNS / 100);
  });
});

describe('babble as the first bytes of a connection', () => {
  it('is told by its beginning, and by nothing after that', () => {
    const next = stream(3);
    for (let run = 0; run < RUNS; run++) {
      const bytes = babble(next);
      const told = sniff(bytes);
      const hello = readClientHello(bytes).kind;
      expect(['tls', 'http', 'h2c', 'other', 'more']).toContain(told);
      if (told !== 'more') expect(sniff(Buffer.concat([bytes, babble(next)]))).toBe(told);
      if (hello !== 'more') expect(readClientHello(Buffer.concat([bytes, babble(next)])).kind).toBe(hello);
    }
  });

  it('a hello with any byte changed is read, refused or unfinished, and never throws', () => {
    const next = stream(4);
    const hello = Buffer.alloc(120, 0);
    hello.set([22, 3, 1, 0, 115, 1, 0, 0, 111, 3, 3]);
    for (let run = 0; run < RUNS; run++) {
      const bytes = Buffer.from(hello);
      for (let i = 0; i < 6; i++) bytes[next(bytes.length)] = next(256);
      expect(['hello', 'more', 'not-tls']).toContain(readClientHello(bytes.subarray(0, next(121))).kind);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { BodyScanner, CHUNKED, NO_BODY, UNTIL_EOF } from './head.ts';

/** Gathers what a scanner gives its sink, and checks that slices lie in the pushed chunk. */
class Gather {
  text = '';
  slices = 0;
  data(chunk: Buffer, start: number, end: number): void {
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(chunk.length);
    this.text += chunk.toString('latin1', start, end);
    this.slices++;
  }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('no body', () => {
  it('is done at once and takes nothing', () => {
    for (const framing of [NO_BODY, { kind: 'length', length: 0 } as const]) {
      const scanner = new BodyScanner(framing);
      expect(scanner.done).toBe(true);
      expect(scanner.push(bytes('GET'), 1)).toBe(1);
      expect(scanner.eof()).toBe(true);
    }
  });
});

describe('a counted body', () => {
  it('ends after its length, in the middle of a chunk', () => {
    const sink = new Gather();
    const scanner = new BodyScanner({ kind: 'length', length: 5 }, sink);
    expect(scanner.push(bytes('__he'), 2)).toBe(4);
    expect([scanner.done, scanner.eof()]).toEqual([false, false]);
    expect(scanner.push(bytes('lloNEXT'), 0)).toBe(3);
    expect([scanner.done, scanner.eof()]).toEqual([true, true]);
    expect(scanner.push(bytes('more'), 0)).toBe(0);
    expect(sink.text).toBe('hello');
    expect(scanner.trailers).toEqual([]);
  });

  it('counts beyond 32 bits', () => {
    const scanner = new BodyScanner({ kind: 'length', length: 2 ** 33 + 1 });
    const chunk = Buffer.allocUnsafe(2 ** 20);
    for (let i = 0; i < 2 ** 13; i++) expect(scanner.push(chunk, 0)).toBe(chunk.length);
    expect(scanner.done).toBe(false);
    expect(scanner.push(chunk, 0)).toBe(1);
    expect(scanner.done).toBe(true);
  });
});

describe('a body until the end of the connection', () => {
  it('takes everything, and is complete at the end only', () => {
    const sink = new Gather();
    const scanner = new BodyScanner(UNTIL_EOF, sink, 'response');
    expect(scanner.push(bytes('xab'), 1)).toBe(3);
    expect(scanner.push(bytes(''), 0)).toBe(0);
    expect(scanner.push(bytes('c'), 0)).toBe(1);
    expect(scanner.done).toBe(false);
    expect(scanner.eof()).toBe(true);
    expect(scanner.done).toBe(true);
    expect(sink.text).toBe('abc');
  });
});

describe('a body that has ended', () => {
  it.each([
    ['by its length', { kind: 'length', length: 1 } as const, 'x'],
    ['by its last chunk', CHUNKED, '0\r\n\r\n'],
    ['with its connection', UNTIL_EOF, 'x'],
  ])('%s takes no more', (_how, framing, body) => {
    const scanner = new BodyScanner(framing);
    expect(scanner.push(bytes(body), 0)).toBe(body.length);
    expect(scanner.eof()).toBe(true);
    expect(scanner.push(bytes('GET / HTTP/1.1'), 3)).toBe(3);
  });
});

it('gives no empty piece of a body', () => {
  const sink = new Gather();
  const scanner = new BodyScanner({ kind: 'length', length: 2 }, sink);
  expect(scanner.push(bytes(''), 0)).toBe(0);
  expect(sink.slices).toBe(0);
});

describe('a chunked body', () => {
  const BODY =
    '005\r\nhello\r\nA;a\r\n, world!!!\r\n1;x=y;z="q\\"\\\\;"\r\n.\r\n000\r\nETag: "1"\r\nX-Sum:\xe9 \r\n\r\n';

  it('gives its payload and trailers, and ends where the next message begins', () => {
    const sink = new Gather();
    const scanner = new BodyScanner(CHUNKED, sink);
    expect(scanner.push(bytes(`..${BODY}GET`), 2)).toBe(2 + BODY.length);
    expect(scanner.done).toBe(true);
    expect(sink.text).toBe('hello, world!!!.');
    expect(sink.slices).toBe(3);
    expect(scanner.trailers).toEqual([
      ['ETag', '"1"'],
      ['X-Sum', '\xe9'],
    ]);
  });

  it('is the same at every split point, and byte by byte', () => {
    for (let split = 1; split < BODY.length; split++) {
      const sink = new Gather();
      const scanner = new BodyScanner(CHUNKED, sink);
      expect(scanner.push(bytes(BODY.slice(0, split)), 0)).toBe(split);
      expect([scanner.done, scanner.eof()]).toEqual([false, false]);
      expect(scanner.push(bytes(`${BODY.slice(split)}GET`), 0)).toBe(BODY.length - split);
      expect(scanner.done).toBe(true);
      expect(sink.text).toBe('hello, world!!!.');
      expect(scanner.trailers.length).toBe(2);
    }
    const sink = new Gather();
    const scanner = new BodyScanner(CHUNKED, sink);
    for (const byte of BODY) expect(scanner.push(bytes(byte), 0)).toBe(1);
    expect(scanner.done).toBe(true);
    expect(sink.text).toBe('hello, world!!!.');
  });

  it('may be empty, and need not have trailers', () => {
    const scanner = new BodyScanner(CHUNKED);
    expect(scanner.push(bytes('0;last\r\n\r\nrest'), 0)).toBe(10);
    expect([scanner.done, scanner.trailers]).toEqual([true, []]);
  });

  it('lets sizes up to 2^53 - 1 and a full line of extensions through', () => {
    const big = new BodyScanner(CHUNKED);
    expect(big.push(bytes('1fffffffffffff\r\nx'), 0)).toBe(17);
    expect(big.done).toBe(false);
    const long = new BodyScanner(CHUNKED);
    const line = `1;a=${'b'.repeat(1021)}\r\nx\r\n`;
    expect(long.push(bytes(`${line}${line}0\r\n\r\n`), 0)).toBe(2 * line.length + 5);
    expect(long.done).toBe(true);
  });

  it('never gives a byte of payload beyond a malformed chunk', () => {
    const sink = new Gather();
    const scanner = new BodyScanner(CHUNKED, sink);
    expect(() => scanner.push(bytes('2\r\nokNOT'), 0)).toThrow('longer than its size');
    expect(sink.text).toBe('ok');
  });

  it('holds trailers of 64 KiB to the byte, whole or in pieces', () => {
    const trailers = (length: number) => `X:${'y'.repeat(length - 6)}\r\n\r\n`;
    for (const [length, fits] of [
      [65_536, true],
      [65_537, false],
    ] as const) {
      for (const step of [1000, 65_536, 100_000]) {
        const body = bytes(`0\r\n${trailers(length)}`);
        const scanner = new BodyScanner(CHUNKED);
        const feed = () => {
          for (let at = 0; at < body.length; at += step) scanner.push(body.subarray(at, at + step), 0);
        };
        if (fits) {
          feed();
          expect(scanner.done).toBe(true);
          expect(scanner.trailers[0]![1].length).toBe(length - 6);
        } else expect(feed).toThrow('more than 65536 bytes of trailers');
      }
    }
  });
});

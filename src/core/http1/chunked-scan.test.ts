import { describe, expect, it } from 'vitest';
import { ChunkedScan } from './chunked-scan.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const END = '0\r\n\r\n';
/** Bytes of a next message: enough of them that a size line at a body's end is read in one go, too. */
const NEXT = 'f'.repeat(32);

/** What a body read in steps of so many bytes gives: its payload, where it ends, or what is wrong with it. */
function read(body: string, step: number): { payload: string; end: number; wrong: string } {
  let payload = '';
  const scan = new ChunkedScan('request', {
    data: (chunk, start, end) => void (payload += chunk.toString('latin1', start, end)),
  });
  const all = bytes(body);
  try {
    for (let at = 0; at < all.length; at += step) {
      const end = scan.push(all.subarray(at, at + step), 0);
      if (end >= 0) return { payload, end: at + end, wrong: '' };
    }
  } catch (error) {
    return { payload, end: -1, wrong: (error as Error).message };
  }
  return { payload, end: -1, wrong: '' };
}

describe('chunks that lie whole in the bytes', () => {
  it('are told whole, with and without their framing; others by their data alone', () => {
    const told: string[] = [];
    const scan = new ChunkedScan('response', {
      data: (chunk, start, end) => void told.push(`part ${chunk.toString('latin1', start, end)}`),
      wholeChunk: (chunk, from, start, end, to) =>
        void told.push(
          `${JSON.stringify(chunk.toString('latin1', from, to))} of ${chunk.toString('latin1', start, end)}`,
        ),
    });
    const body = `5\r\nhello\r\n11\r\n, seventeen bytes\r\n000002\r\n!!\r\n0000003\r\n...\r\n2;a\r\n??\r\n${END}`;
    expect(scan.push(bytes(`__${body}${NEXT}`), 2)).toBe(2 + body.length);
    expect(told).toEqual([
      '"5\\r\\nhello\\r\\n" of hello',
      '"11\\r\\n, seventeen bytes\\r\\n" of , seventeen bytes',
      '"000002\\r\\n!!\\r\\n" of !!',
      'part ...',
      'part ??',
    ]);
  });

  it('are whole when the bytes end with them', () => {
    const told: string[] = [];
    const scan = new ChunkedScan('response', {
      data: () => void told.push('part'),
      wholeChunk: () => void told.push('whole'),
    });
    expect(scan.push(bytes('a\r\n0123456789\r\n'), 0)).toBe(-1);
    expect(scan.push(bytes('a\r\n0123456789\r'), 0)).toBe(-1);
    expect(told).toEqual(['whole', 'part']);
  });

  it('need nobody who reads them', () => {
    const scan = new ChunkedScan('request', undefined);
    expect(scan.push(bytes(`5\r\nhello\r\n${END}${NEXT}`), 0)).toBe(10 + END.length);
  });

  it('do not begin in the middle of a size', () => {
    const scan = new ChunkedScan('request', undefined);
    expect(scan.push(bytes('1'), 0)).toBe(-1);
    expect(scan.push(bytes(`5\r\nhello\r\n5\r\nhello\r\nxxxx\r\n${END}${NEXT}`), 0)).toBe(26 + END.length);
  });
});

describe('a body read in one go and byte by byte', () => {
  it.each([
    ['a line feed without carriage return', '5\nhello\r\n'],
    ['a carriage return without line feed', '5\rhello\r\n'],
    ['another byte in place of a line feed', '5\rXhello\r\n'],
    ['another byte in place of a carriage return', '5X\nhello\r\n'],
    ['a chunk longer than its size', '5\r\nhelloX\r\n'],
    ['another byte for its carriage return', '5\r\nhelloX\n'],
    ['another byte for its line feed', '5\r\nhello\rX'],
    ['a size that begins with no digit', '\r\nhello\r\n'],
    ['a negative size', '-5\r\nhello\r\n'],
    ['a size of letters beyond f', 'g\r\nhello\r\n'],
    ['a size of letters beyond f, with as many bytes as one might read', `g\r\n${'x'.repeat(255)}\r\n`],
    ['a size of 0x', '0x5\r\nhello\r\n'],
  ])('is refused in the same words for %s', (_what, chunk) => {
    for (const before of ['', '3\r\nabc\r\n']) {
      const whole = read(`${before}${chunk}${END}${NEXT}`, 1000);
      expect(whole.wrong).not.toBe('');
      expect(read(`${before}${chunk}${END}${NEXT}`, 1)).toEqual(whole);
    }
  });

  it('has the same payload and end for sizes of every length', () => {
    for (let digits = 1; digits <= 16; digits++) {
      for (const size of [1, 15, 16, 255, 256, 4096]) {
        const written = size.toString(16);
        if (written.length > digits) continue;
        const body = `${written.padStart(digits, '0')}\r\n${'x'.repeat(size)}\r\n${END}`;
        const right = { payload: 'x'.repeat(size), end: body.length, wrong: '' };
        expect(read(body + NEXT, 10_000)).toEqual(right);
        expect(read(body + NEXT, 7)).toEqual(right);
      }
    }
  });

  it('has sizes of no more than 16 digits', () => {
    expect(read(`${'5'.padStart(17, '0')}\r\nhello\r\n${END}`, 1000).wrong).toContain('beyond 2^53');
  });
});

/** Readers of heads change hands only between messages, and know again what they have read. */
import { describe, expect, it } from 'vitest';
import { HeadReaders } from './head-readers.ts';

const HEAD = Buffer.from('POST /v1/messages HTTP/1.1\r\nHost: a\r\nX-Api-Key: one\r\n\r\n');
const OTHER = Buffer.from('POST /v1/messages HTTP/1.1\r\nHost: a\r\nX-Api-Key: two\r\n\r\n');

function read(readers: HeadReaders, bytes: Buffer) {
  const reader = readers.lend();
  expect(reader.push(bytes, 0)).toBe(bytes.length);
  const head = reader.take();
  readers.giveBack(reader);
  return head;
}

describe('HeadReaders', () => {
  it('lend a reader again, which gives each connection the head that it sent', () => {
    const readers = new HeadReaders();
    const first = readers.lend();
    readers.giveBack(first);
    expect(readers.lend()).toBe(first);
    readers.giveBack(first);
    for (const bytes of [HEAD, HEAD, HEAD, OTHER, HEAD, OTHER]) {
      const head = read(readers, Buffer.from(bytes));
      expect(head.raw.equals(bytes)).toBe(true);
      expect(head.headers.get('x-api-key')).toBe(bytes === HEAD ? 'one' : 'two');
    }
  });

  it('share what was decoded of a head that comes again on another connection', () => {
    const readers = new HeadReaders();
    const heads = Array.from({ length: 4 }, () => read(readers, Buffer.from(HEAD)));
    expect(heads[3]!.headers).toBe(heads[2]!.headers);
  });

  it('take none back that is amid a head', () => {
    const readers = new HeadReaders();
    const reader = readers.lend();
    expect(reader.push(HEAD.subarray(0, 20), 0)).toBe(-1);
    readers.giveBack(reader);
    expect(readers.lend()).not.toBe(reader);
  });
});

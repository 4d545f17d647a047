import { describe, expect, it } from 'vitest';
import { HeadReader, NO_BODY, type ResponseHead } from './head.ts';
import { Known } from './known-fields.ts';

const LENGTH_2 = 'Content-Length: 2\r\n\r\n';

function read(text: string, before = '', reader = new HeadReader('response')): ResponseHead {
  expect(reader.push(Buffer.from(`${before}${text}body`, 'latin1'), before.length)).toBe(
    before.length + text.length,
  );
  return reader.take() as ResponseHead;
}

it('is its own bytes alone, wherever in a chunk it begins, however often it came before', () => {
  const reader = new HeadReader('response');
  const text = `HTTP/1.1 200 OK\r\n${LENGTH_2}`;
  for (const before of ['', 'junk', 'more junk', '']) {
    const head = read(text, before, reader);
    expect(head.raw.toString('latin1')).toBe(text);
    expect(head.start).toBe(before.length);
    expect(head.reason).toBe('OK');
    expect(head.headers.get('content-length')).toBe('2');
  }
});

describe('its status', () => {
  it.each([
    [199, false],
    [200, true],
    [204, false],
    [299, true],
    [304, false],
    [404, true],
  ])('of %i has the body that its fields tell: %s', (status, body) => {
    const head = read(`HTTP/1.1 ${status} x\r\n${LENGTH_2}`);
    expect(head.framingFor('GET')).toEqual(body ? { kind: 'length', length: 2 } : NO_BODY);
    expect(head.framingFor('HEAD')).toBe(NO_BODY);
  });

  it.each([
    [200, false],
    [299, false],
    [300, true],
    [502, true],
  ])('of %i to CONNECT has a body: %s', (status, body) => {
    const framing = read(`HTTP/1.1 ${status} x\r\n${LENGTH_2}`).framingFor('CONNECT');
    expect(framing).toEqual(body ? { kind: 'length', length: 2 } : NO_BODY);
  });

  it.each([
    [100, true],
    [199, true],
    [200, false],
    [204, true],
    [304, false],
  ])('of %i tells a length where none may be: %s', (status, misplaced) => {
    const { known } = read(`HTTP/1.1 ${status} x\r\n${LENGTH_2}`).headers;
    expect((known & Known.MISPLACED_FRAMING) !== 0).toBe(misplaced);
  });

  it.each([101, 426])('of %i changes protocols, and takes nothing from what its fields say', (status) => {
    const { known } = read(`HTTP/1.1 ${status} x\r\nConnection: close\r\n${LENGTH_2}`).headers;
    expect(known & Known.SWITCHING).not.toBe(0);
    expect(known & Known.OPTION_CLOSE).not.toBe(0);
    expect(known & Known.CONTENT_LENGTH).not.toBe(0);
  });
});

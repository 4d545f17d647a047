import { expect, it } from 'vitest';
import { HeadReader } from './head.ts';

const read = (startLine: string, host = 'Host: a\r\n') => {
  const reader = new HeadReader('request');
  return () => {
    reader.push(Buffer.from(`${startLine}\r\n${host}\r\n`), 0);
    return reader.take();
  };
};

it.each([
  'OPTIONS a HTTP/1.1',
  'OPTIONS ** HTTP/1.1',
  'GET * HTTP/1.1',
  'GET a HTTP/1.1',
  'GET ?http://a/ HTTP/1.1',
  'GET 1http://a/ HTTP/1.1',
])('%s is refused for its target', (startLine) => {
  expect(read(startLine)).toThrow('has a target that is neither a path nor a URL');
});

it('OPTIONS * needs a Host field in HTTP/1.1 alone', () => {
  expect(read('OPTIONS * HTTP/1.1', '')).toThrow('has no Host field');
  expect(read('OPTIONS * HTTP/1.0', '')()).toMatchObject({ target: '*' });
  expect(read('OPTIONS * HTTP/1.1')()).toMatchObject({ target: '*' });
});

it('does not repeat a coding that is none, whatever known one stands beside it', () => {
  expect(read('POST / HTTP/1.1', 'Transfer-Encoding: gzip, a-secret\r\n')).toThrow('Transfer-Encoding "…"');
});

import { expect, it } from 'vitest';
import { HeadReader, type RequestHead, type ResponseHead } from './head.ts';
import { persists } from './persists.ts';

function read<Head>(kind: 'request' | 'response', startLine: string, connection: string): Head {
  const reader = new HeadReader(kind);
  const field = connection === '' ? '' : `Connection: ${connection}\r\n`;
  reader.push(Buffer.from(`${startLine}\r\nHost: a\r\n${field}\r\n`), 0);
  return reader.take() as Head;
}

it.each([
  ['HTTP/1.1', '', 'HTTP/1.1', '', true],
  ['HTTP/1.1', 'close', 'HTTP/1.1', '', false],
  ['HTTP/1.1', '', 'HTTP/1.1', 'close', false],
  ['HTTP/1.1', '', 'HTTP/1.0', '', false],
  ['HTTP/1.1', '', 'HTTP/1.0', 'keep-alive', true],
  ['HTTP/1.0', '', 'HTTP/1.1', '', false],
  ['HTTP/1.0', '', 'HTTP/1.1', 'keep-alive', false],
  ['HTTP/1.0', 'keep-alive', 'HTTP/1.1', '', false],
  ['HTTP/1.0', 'keep-alive', 'HTTP/1.1', 'keep-alive', true],
  ['HTTP/1.0', 'keep-alive', 'HTTP/1.0', 'keep-alive', true],
])(
  'a request of %s (%s) answered in %s (%s): the connection carries another: %s',
  (asked, asks, answered, grants, another) => {
    const request = read<RequestHead>('request', `GET / ${asked}`, asks);
    const response = read<ResponseHead>('response', `${answered} 200 OK`, grants);
    expect(persists(request, response)).toBe(another);
  },
);

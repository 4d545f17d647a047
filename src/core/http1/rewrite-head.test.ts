import { describe, expect, it } from 'vitest';
import { HeadReader, rewriteHead } from './head.ts';

const HEAD =
  'GET /a HTTP/1.1\r\nHost:  h \r\nX: 1\r\naCCEPT:\t\xe9\r\nx: 2\r\nY:\r\nConnection: close\r\nX: 3\r\n\r\n';

function head(text = HEAD, before = '') {
  const reader = new HeadReader('request');
  reader.push(Buffer.from(`${before}${text}body`, 'latin1'), before.length);
  return reader.take();
}

function rewrite(changes: Parameters<typeof rewriteHead>[1], text = HEAD): string {
  const plain = rewriteHead(head(text), changes).toString('latin1');
  // Where the head lies in its buffer must make no difference.
  expect(rewriteHead(head(text, 'earlier bytes'), changes).toString('latin1')).toBe(plain);
  return plain;
}

describe('rewriting a head', () => {
  it('changes nothing when asked for nothing', () => {
    expect(rewrite({})).toBe(HEAD);
    expect(rewrite({ drop: new Set(['z']), set: [] })).toBe(HEAD);
  });

  it('replaces the start line alone', () => {
    expect(rewrite({ startLine: 'POST /longer/path HTTP/1.1' })).toBe(
      HEAD.replace('GET /a HTTP/1.1', 'POST /longer/path HTTP/1.1'),
    );
  });

  it('drops every field of a name, whatever its case', () => {
    expect(rewrite({ drop: new Set(['x', 'connection']) })).toBe(
      'GET /a HTTP/1.1\r\nHost:  h \r\naCCEPT:\t\xe9\r\nY:\r\n\r\n',
    );
    expect(rewrite({ drop: new Set(['host', 'accept', 'x', 'y', 'connection']) })).toBe(
      'GET /a HTTP/1.1\r\n\r\n',
    );
  });

  it('replaces the first field of a name in place and removes the others', () => {
    expect(rewrite({ set: [['X', 'new']] })).toBe(
      'GET /a HTTP/1.1\r\nHost:  h \r\nX: new\r\naCCEPT:\t\xe9\r\nY:\r\nConnection: close\r\n\r\n',
    );
  });

  it('appends what was not there, and keeps several of one name together', () => {
    const set = [
      ['New', '\xfc'],
      ['Y', 'a'],
      ['y', 'b'],
      ['new', ''],
    ] as const;
    expect(rewrite({ set })).toBe(
      HEAD.replace('Y:\r\n', 'Y: a\r\ny: b\r\n').replace(/\r\n$/, 'New: \xfc\r\nnew: \r\n\r\n'),
    );
  });

  it('sets a name that it also drops', () => {
    expect(rewrite({ drop: new Set(['connection', 'x']), set: [['Connection', 'keep-alive']] })).toBe(
      'GET /a HTTP/1.1\r\nHost:  h \r\naCCEPT:\t\xe9\r\nY:\r\nConnection: keep-alive\r\n\r\n',
    );
  });

  it('works on a head without fields', () => {
    const bare = 'GET / HTTP/1.0\r\n\r\n';
    expect(rewrite({}, bare)).toBe(bare);
    expect(rewrite({ set: [['A', 'b']], startLine: 'X / HTTP/1.0' }, bare)).toBe(
      'X / HTTP/1.0\r\nA: b\r\n\r\n',
    );
  });

  it('never lets a value add a line', () => {
    expect(() => rewrite({ set: [['A', 'b\r\nC: d']] })).toThrow('header A');
    expect(() => rewrite({ set: [['A', '\u212a']] })).toThrow('header A');
    expect(() => rewrite({ set: [['A: b', '']] })).toThrow('not a header name');
    expect(() => rewrite({ startLine: 'GET / HTTP/1.1\r\nA: b' })).toThrow('start line');
  });

  it('works on responses', () => {
    const reader = new HeadReader('response');
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r\n'), 0);
    const out = rewriteHead(reader.take(), { startLine: 'HTTP/1.1 529 Overloaded', set: [['a', 'c']] });
    expect(out.toString()).toBe('HTTP/1.1 529 Overloaded\r\na: c\r\n\r\n');
  });
});

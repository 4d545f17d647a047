import { describe, expect, it } from 'vitest';
import { connectionToSend, forwardEdit, HeadReader, hopByHop, rewriteHead } from './head.ts';

function head(kind: 'request' | 'response', lines: string, start?: string) {
  const reader = new HeadReader(kind);
  const first = start ?? (kind === 'request' ? 'GET / HTTP/1.1\r\nHost: h' : 'HTTP/1.1 200 OK');
  reader.push(Buffer.from(`${first}\r\n${lines}\r\n`, 'latin1'), 0);
  return reader.take();
}

function dropped(kind: 'request' | 'response', lines: string, start?: string): string[] | null {
  const set = hopByHop(head(kind, lines, start).headers, kind);
  return set && [...set].sort();
}

/** The fields that go on, with the edit made. */
function forwarded(kind: 'request' | 'response', lines: string, start?: string): string {
  const message = head(kind, lines, start);
  const edit = forwardEdit(message.headers, kind);
  const raw = (edit === null ? message.raw : rewriteHead(message, edit)).toString('latin1');
  return raw.slice(raw.indexOf('\r\n') + 2, -2).replace('Host: h\r\n', '');
}

describe('nothing to drop', () => {
  it.each([
    '',
    'Connection: close\r\n',
    'Connection: keep-alive\r\n',
    'connection: Keep-Alive, close\r\n',
    'Connection: TE\r\nTE: trailers\r\n',
    'TE: trailers\r\n',
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    'Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n',
    'Content-Length: 5\r\nTrailer: X\r\n',
  ])('%j', (lines) => {
    expect(dropped('request', lines)).toBeNull();
  });

  it.each([
    'Connection: keep-alive\r\nContent-Length: 0\r\n',
    'Proxy-Authenticate: Basic\r\n',
    'Proxy-Authorization: kept\r\n',
  ])('in a response: %j', (lines) => {
    expect(dropped('response', lines)).toBeNull();
  });

  it('while protocols are switched', () => {
    const lines = 'Connection: upgrade\r\nUpgrade: websocket\r\n';
    expect(dropped('response', lines, 'HTTP/1.1 101 Switching Protocols')).toBeNull();
    expect(dropped('response', lines, 'HTTP/1.1 426 Upgrade Required')).toBeNull();
    expect(dropped('response', lines)).toEqual(['connection', 'upgrade']);
  });
});

describe('dropped', () => {
  it.each([
    ['Keep-Alive: timeout=5\r\n', ['keep-alive']],
    ['Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n', ['keep-alive']],
    ['Proxy-Connection: keep-alive\r\n', ['proxy-connection']],
    ['Proxy-Authorization: Basic x\r\n', ['proxy-authorization']],
    ['TE: trailers, deflate\r\n', ['te']],
    ['TE: gzip\r\nConnection: TE\r\n', ['connection', 'te']],
    ['Upgrade: h2c\r\n', ['upgrade']],
    ['Connection: upgrade\r\n', ['connection', 'upgrade']],
    ['Connection: X-Hop, close\r\nX-Hop: a\r\n', ['connection', 'x-hop']],
    ['Connection: close\r\nConnection: X-Hop\r\n', ['connection', 'x-hop']],
    ['Connection: Host, Content-Length, x-api-key\r\n', ['connection']],
  ])('%j', (lines, names) => {
    expect(dropped('request', lines)).toEqual(names);
  });

  it('framing that a 204 or 1xx may not carry, but not a harmless Content-Length: 0', () => {
    const names = ['content-length', 'transfer-encoding'];
    expect(dropped('response', 'Transfer-Encoding: chunked\r\n', 'HTTP/1.1 204 None')).toEqual(names);
    expect(dropped('response', 'Content-Length: 3\r\n', 'HTTP/1.1 103 Early')).toEqual(names);
    expect(dropped('response', 'Content-Length: 0\r\n', 'HTTP/1.1 204 None')).toBeNull();
    expect(dropped('response', 'Content-Length: 3\r\n', 'HTTP/1.1 304 Same')).toBeNull();
  });
});

describe('the edit', () => {
  it('leaves the options that remain', () => {
    expect(connectionToSend(head('request', 'Connection: X, Close\r\n').headers)).toBe('close');
    expect(connectionToSend(head('request', 'Connection: X\r\n').headers)).toBeUndefined();
    expect(forwarded('request', 'A: b\r\nConnection: X, close\r\nX: y\r\nC: d\r\n')).toBe(
      'A: b\r\nConnection: close\r\nC: d\r\n',
    );
    expect(forwarded('request', 'A: b\r\nConnection: X\r\nX: y\r\n')).toBe('A: b\r\n');
  });

  it('cannot be used to strip what frames, routes or authenticates', () => {
    const lines = 'Content-Length: 5\r\nX-Api-Key: k\r\n';
    expect(forwarded('request', `Connection: content-length, X-API-KEY, host\r\n${lines}`)).toBe(lines);
  });

  it('is null when the bytes can go out as they came', () => {
    expect(forwardEdit(head('request', 'Connection: keep-alive\r\n').headers, 'request')).toBeNull();
  });
});

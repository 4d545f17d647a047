import { describe, expect, it } from 'vitest';
import { FramingError, HeadReader, type RequestHead, type ResponseHead } from './head.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function request(text: string): RequestHead {
  const reader = new HeadReader('request');
  expect(reader.push(bytes(text), 0)).toBe(text.length);
  return reader.take();
}

function response(text: string): ResponseHead {
  const reader = new HeadReader('response');
  expect(reader.push(bytes(text), 0)).toBe(text.length);
  return reader.take();
}

const POST =
  'POST /v1/messages?beta=true HTTP/1.1\r\nHost: api.anthropic.com\r\nX-Api-Key:k\r\n' +
  'aCCept: a\r\nAccept: \t b \r\ncontent-length: 12\r\n\r\n';

describe('a request head', () => {
  it('is found without copying, and says what its start line says', () => {
    const chunk = bytes(`junk${POST}{"body":true}`);
    const reader = new HeadReader('request');
    const next = reader.push(chunk, 4);
    expect(next).toBe(4 + POST.length);
    const head = reader.take();
    expect(head.raw.toString('latin1')).toBe(POST);
    expect(head.raw.buffer).toBe(chunk.buffer);
    expect(head).toMatchObject({ method: 'POST', target: '/v1/messages?beta=true', minor: 1 });
    expect(head.framing).toEqual({ kind: 'length', length: 12 });
    expect(head).toMatchObject({ keepAlive: true, expectContinue: false, upgrade: false });
  });

  it('gives headers by name, and in wire order and case', () => {
    const { headers } = request(POST);
    expect(headers.count).toBe(5);
    expect(headers.get('accept')).toBe('a, b');
    expect(headers.all('accept')).toEqual(['a', 'b']);
    expect(headers.get('x-api-key')).toBe('k');
    expect(headers.get('x-api-ke')).toBeUndefined();
    expect(headers.has('host')).toBe(true);
    expect(headers.has('cookie')).toBe(false);
    expect(headers.list()).toEqual([
      ['Host', 'api.anthropic.com'],
      ['X-Api-Key', 'k'],
      ['aCCept', 'a'],
      ['Accept', 'b'],
      ['content-length', '12'],
    ]);
    expect(headers.list()).toBe(headers.list());
  });

  it('keeps bytes above 0x7f as latin1, in values and in the target', () => {
    const head = request('GET /caf\xc3\xa9 HTTP/1.1\r\nHost: h\r\nX-Name: J\xfcrgen\r\n\r\n');
    expect(head.target).toBe('/caf\xc3\xa9');
    expect(head.headers.get('x-name')).toBe('J\xfcrgen');
  });

  it('is the same at every split point, and byte by byte', () => {
    const chunk = bytes(`\r\n${POST}rest`);
    const whole = request(`\r\n${POST}`);
    for (let split = 1; split < chunk.length - 4; split++) {
      const reader = new HeadReader('request');
      expect(reader.started).toBe(false);
      expect(reader.push(chunk.subarray(0, split), 0)).toBe(-1);
      expect(reader.started).toBe(true);
      expect(reader.push(chunk.subarray(split), 0)).toBe(chunk.length - 4 - split);
      const head = reader.take();
      expect(reader.started).toBe(false);
      expect(head.raw.toString('latin1')).toBe(POST);
      expect(head.headers.list()).toEqual(whole.headers.list());
      expect([head.method, head.target, head.framing]).toEqual([whole.method, whole.target, whole.framing]);
    }
    const reader = new HeadReader('request');
    const last = chunk.length - 5;
    for (let at = 0; at < last; at++) expect(reader.push(chunk.subarray(at, at + 1), 0)).toBe(-1);
    expect(reader.push(chunk, last)).toBe(last + 1);
    expect(reader.take().headers.list()).toEqual(whole.headers.list());
  });

  it('tells connection and expectation', () => {
    const of = (version: string, lines: string) =>
      request(`GET / HTTP/${version}\r\nHost: h\r\n${lines}\r\n`);
    expect(of('1.1', 'Connection: Close\r\n').keepAlive).toBe(false);
    expect(of('1.1', 'Connection: x\r\nConnection: a,close ,b\r\n').keepAlive).toBe(false);
    expect(of('1.1', 'Connection: closed\r\n').keepAlive).toBe(true);
    expect(of('1.0', '').keepAlive).toBe(false);
    expect(of('1.0', 'Connection: keep-alive\r\n').keepAlive).toBe(true);
    expect(of('1.0', 'Connection: keep-alive, close\r\n').keepAlive).toBe(false);
    expect(of('1.1', 'Expect: 100-Continue \r\n').expectContinue).toBe(true);
    expect(of('1.0', 'Expect: 100-continue\r\n').expectContinue).toBe(false);
    expect(of('1.1', 'Expect: 200-ok\r\n').expectContinue).toBe(false);
    expect(of('1.1', 'Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n').upgrade).toBe(true);
    expect(of('1.1', 'Upgrade: websocket\r\n').upgrade).toBe(false);
    expect(of('1.1', 'Connection: upgrade\r\n').upgrade).toBe(false);
    expect(of('1.0', 'Upgrade: websocket\r\nConnection: upgrade\r\n').upgrade).toBe(false);
  });

  it('tells its framing', () => {
    const of = (line: string) => request(`POST / HTTP/1.1\r\nHost: h\r\n${line}\r\n`).framing;
    expect(of('')).toEqual({ kind: 'none' });
    expect(of('Content-Length: 0\r\n')).toEqual({ kind: 'length', length: 0 });
    expect(of('content-length:9007199254740991\r\n')).toEqual({ kind: 'length', length: 2 ** 53 - 1 });
    expect(of('TRANSFER-ENCODING: chunKed\r\n')).toEqual({ kind: 'chunked' });
  });

  it('needs no Host where the target names one, nor in HTTP/1.0', () => {
    expect(request('CONNECT [::1]:443 HTTP/1.1\r\n\r\n').target).toBe('[::1]:443');
    expect(request('GET http://h/ HTTP/1.1\r\n\r\n').method).toBe('GET');
    expect(request('GET / HTTP/1.0\r\n\r\n').headers.count).toBe(0);
    expect(request('OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n').target).toBe('*');
  });
});

describe('a repeated head', () => {
  const read = (reader: HeadReader<'request'>, text: string): RequestHead => {
    const chunk = bytes(`..${text}next`);
    expect(reader.push(chunk, 2)).toBe(2 + text.length);
    expect(reader.started).toBe(true);
    const head = reader.take();
    expect(reader.started).toBe(false);
    expect(head.raw.toString('latin1')).toBe(text);
    expect([head.source, head.start]).toEqual([chunk, 2]);
    expect(head.raw.buffer).toBe(chunk.buffer);
    return head;
  };

  it('is recognised, in whatever chunk it lies, and any other byte is seen', () => {
    const reader = new HeadReader('request');
    const heads = [read(reader, POST), read(reader, POST), read(reader, POST), read(reader, POST)];
    expect(heads[3]!.headers).toBe(heads[2]!.headers);
    expect(heads[3]!.headers.list()).toEqual(heads[0]!.headers.list());
    expect(heads[3]).toMatchObject({
      method: 'POST',
      target: '/v1/messages?beta=true',
      keepAlive: true,
      minor: 1,
    });
    expect(read(reader, POST.replace('12', '13')).framing).toEqual({ kind: 'length', length: 13 });
    expect(read(reader, POST).framing).toEqual({ kind: 'length', length: 12 });
    const head = POST.slice(0, -2);
    expect(read(reader, `${head}Z: 1\r\n\r\n`).headers.get('z')).toBe('1');
  });

  it('is remembered for as long as remembering pays', () => {
    const reader = new HeadReader('request');
    const fields = (digit: number) => read(reader, `GET /${digit} HTTP/1.1\r\nHost: h\r\n\r\n`).headers;
    for (let round = 0; round < 30; round++) {
      const digit = round % 10;
      const [, , third, fourth] = [fields(digit), fields(digit), fields(digit), fields(digit)];
      expect(fourth).toBe(third);
    }
    // A client that never repeats itself is soon let alone, and then for good.
    for (let i = 0; i < 20; i++) fields(i % 10);
    expect(fields(1)).not.toBe(fields(1));
    expect(fields(1)).not.toBe(fields(1));
  });

  it('keeps no chunk, and does not change with one', () => {
    const reader = new HeadReader('request');
    for (let i = 0; i < 3; i++) {
      const { source, headers, framing } = read(reader, POST);
      source.fill(0);
      if (i < 2) continue;
      expect(headers.get('accept')).toBe('a, b');
      expect(framing).toEqual({ kind: 'length', length: 12 });
    }
  });

  it('of an answer is recognised too', () => {
    const text = 'HTTP/1.1 529 Overloaded\r\nContent-Length: 2\r\n\r\n';
    const reader = new HeadReader('response');
    for (let i = 0; i < 4; i++) {
      expect(reader.push(bytes(text), 0)).toBe(text.length);
      const head = reader.take();
      expect(head).toMatchObject({ status: 529, reason: 'Overloaded', keepAlive: true, minor: 1 });
      expect(head.framingFor('GET')).toEqual({ kind: 'length', length: 2 });
    }
  });

  it('is found between others, however long they go on', () => {
    const reader = new HeadReader('response');
    for (let i = 0; i < 50; i++) {
      const digit = String.fromCharCode(0x30 + ((i * i) % 10));
      const text = `HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: ${digit}\r\n\r\n`;
      expect(reader.push(bytes(text), 0)).toBe(text.length);
      expect(reader.take().headers.get('x')).toBe(digit);
    }
  });
});

describe('a response head', () => {
  it('says its status, reason and framing', () => {
    const head = response('HTTP/1.1 200 All right\r\nTransfer-Encoding: Chunked\r\n\r\n');
    expect(head).toMatchObject({ status: 200, reason: 'All right', minor: 1, keepAlive: true });
    expect(head.framingFor('GET')).toEqual({ kind: 'chunked' });
    expect(head.framingFor('HEAD')).toEqual({ kind: 'none' });
    expect(head.framingFor('CONNECT')).toEqual({ kind: 'none' });
  });

  it.each([100, 101, 103, 204, 304])('%d never has a body', (status) => {
    const head = response(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`);
    expect(head.framingFor('GET')).toEqual({ kind: 'none' });
  });

  it('lasts until the end of the connection when nothing says otherwise', () => {
    expect(response('HTTP/1.1 200 OK\r\n\r\n').framingFor('GET')).toEqual({ kind: 'eof' });
    expect(response('HTTP/1.1 407 No\r\nContent-Length: 3\r\n\r\n').framingFor('CONNECT')).toEqual({
      kind: 'length',
      length: 3,
    });
  });

  it('may leave out the reason, with or without its space', () => {
    expect(response('HTTP/1.0 529 \r\n\r\n')).toMatchObject({ status: 529, reason: '', minor: 0 });
    expect(response('HTTP/1.1 529\r\n\r\n')).toMatchObject({ status: 529, reason: '' });
  });

  it('is the same at every split point', () => {
    const text = 'HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\nContent-Length: 2\r\n\r\n';
    for (let split = 1; split < text.length; split++) {
      const reader = new HeadReader('response');
      expect(reader.push(bytes(`..${text.slice(0, split)}`), 2)).toBe(-1);
      expect(reader.push(bytes(`.${text.slice(split)}{}`), 1)).toBe(1 + text.length - split);
      const head = reader.take();
      expect([head.status, head.reason, head.headers.get('retry-after'), head.framingFor('GET')]).toEqual([
        429,
        'Too Many Requests',
        '5',
        { kind: 'length', length: 2 },
      ]);
    }
  });
});

describe('limits', () => {
  const refusal = (
    text: string,
    max: number,
    kind: 'request' | 'response' = 'request',
    step = text.length,
  ) => {
    const reader = new HeadReader(kind, max);
    for (let at = 0; at < text.length; at += step) {
      try {
        if (reader.push(bytes(text.slice(at, at + step)), 0) >= 0) return 'accepted';
      } catch (error) {
        return (error as FramingError).status;
      }
    }
    return 'waiting';
  };

  it('are exact, however the bytes arrive', () => {
    const { length } = POST;
    for (const step of [1, 7, length]) {
      expect(refusal(POST, length, 'request', step)).toBe('accepted');
      expect(refusal(POST, length - 1, 'request', step)).toBe(431);
      expect(refusal(POST, 30, 'request', step)).toBe(414);
      expect(refusal(POST.slice(0, 29), 30, 'request', step)).toBe('waiting');
    }
    expect(refusal('HTTP/1.1 200 O', 14, 'response')).toBe(502);
  });

  it('let through 256 KiB of headers and refuse more', () => {
    const line = `X: ${'y'.repeat(1019)}\r\n`;
    const head = (lines: number) => `GET / HTTP/1.1\r\nHost: h\r\n${line.repeat(lines)}\r\n`;
    expect(refusal(head(255), 262_144)).toBe('accepted');
    expect(refusal(head(256), 262_144)).toBe(431);
    expect(new HeadReader('request').push(bytes(head(255)), 0)).toBeGreaterThan(0);
    expect(() => new HeadReader('request').push(bytes(head(256)), 0)).toThrow(FramingError);
  });
});

describe('an event stream', () => {
  it.each([
    ['text/event-stream', true],
    ['Text/Event-Stream; charset=utf-8', true],
    ['text/event-stream;charset=utf-8', true],
    ['  text/event-stream \t', true],
    ['text/event-stream-2', false],
    ['text/event-strea', false],
    ['application/json', false],
    ['', false],
  ])('is told by the content type %j: %j', (type, told) => {
    expect(response(`HTTP/1.1 200 OK\r\nA: b\r\nContent-TYPE: ${type}\r\n\r\n`).eventStream).toBe(told);
  });

  it('is not told without one', () => {
    expect(response('HTTP/1.1 200 OK\r\nx-content-type: text/event-stream\r\n\r\n').eventStream).toBe(false);
  });
});

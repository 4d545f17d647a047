import { describe, expect, it } from 'vitest';
import { FramingError, HeadReader, type RequestHead, type ResponseHead } from './head.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function request(text: string): RequestHead {
  const reader = new HeadReader('request');
  expect(reader.push(bytes(text), 0)).toBeGreaterThan(0);
  return reader.take();
}

function response(text: string): ResponseHead {
  const reader = new HeadReader('response');
  expect(reader.push(bytes(text), 0)).toBeGreaterThan(0);
  return reader.take();
}

function refusal(kind: 'request' | 'response', text: string, maxBytes?: number): FramingError {
  try {
    const reader = new HeadReader(kind, maxBytes);
    if (reader.push(bytes(text), 0) >= 0) reader.take();
  } catch (error) {
    if (error instanceof FramingError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(text)}`);
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

  it('is the same at every split point, and byte by byte', () => {
    const chunk = bytes(`\r\n${POST}rest`);
    const whole = request(`\r\n${POST}`);
    for (let split = 1; split < chunk.length - 4; split++) {
      const reader = new HeadReader('request');
      const first = reader.push(chunk.subarray(0, split), 0);
      expect(first).toBe(-1);
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
});

describe('a response head', () => {
  it('says its status, reason and framing', () => {
    const head = response('HTTP/1.1 200 All right\r\nTransfer-Encoding: Chunked\r\n\r\n');
    expect(head).toMatchObject({ status: 200, reason: 'All right', minor: 1, keepAlive: true });
    expect(head.framingFor('GET')).toEqual({ kind: 'chunked' });
    expect(head.framingFor('HEAD')).toEqual({ kind: 'none' });
    expect(head.framingFor('CONNECT')).toEqual({ kind: 'none' });
  });
});

describe('refusals', () => {
  it('blames the client for a request and the upstream for an answer', () => {
    expect(refusal('request', 'GET / HTTP/1.1\r\n\r\n')).toMatchObject({
      status: 400,
      code: 'bad-request-framing',
    });
    expect(refusal('response', 'HTTP/2.0 200\r\n\r\n')).toMatchObject({
      status: 502,
      code: 'upstream-bad-response',
    });
  });
});

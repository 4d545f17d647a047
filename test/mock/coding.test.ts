import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chooseCoding } from '../../src/mock/wire/coding.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HI } from './calls.ts';
import { connect, listening, post, rawPost, until } from './wire-support.ts';

const STREAM = { ...HI, stream: true };

describe('chooseCoding', () => {
  it.each([
    ['gzip, deflate, br', 'gzip'],
    ['br', 'br'],
    ['br;q=1.0, gzip;q=0', 'br'],
    ['GZIP', 'gzip'],
    ['gzip;q=0.0', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s: %s', (header, coding) => {
    expect(chooseCoding(header)).toBe(coding);
  });
});

describe('answers', () => {
  const decode = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync };
  it.each(['gzip', 'br'] as const)('come in %s', async (coding) => {
    const { port } = await listening({ compress: true });
    for (const body of [HI, STREAM, {}]) {
      const plain = await post(port, body);
      const encoded = await post(port, body, { 'accept-encoding': coding });
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(encoded.headers['content-encoding']).toBe(coding);
      expect(encoded.status).toBe(plain.status);
      expect(decode[coding](encoded.body)).toEqual(plain.body);
      if (body !== STREAM) expect(encoded.headers['content-length']).toBe(String(encoded.body.length));
    }
  });

  it('come as they are unless asked for otherwise', async () => {
    const { port } = await listening();
    const answer = await post(port, HI, { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBeUndefined();
  });

  it.each(['gzip', 'br'] as const)('are flushed after each event (%s)', async (coding) => {
    const clock = new FakeClock();
    const { port } = await listening({ compress: true, clock, tokensPerSecond: 1 });
    const socket = await connect(port);
    const decoder = coding === 'gzip' ? zlib.createGunzip() : zlib.createBrotliDecompress();
    let text = '';
    decoder.on('data', (chunk: Buffer) => (text += chunk.toString()));
    let head = Buffer.alloc(0);
    let body = false;
    socket.on('data', (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      if (!body && !head.includes('\r\n\r\n')) return;
      const rest = body ? head : head.subarray(head.indexOf('\r\n\r\n') + 4);
      body = true;
      head = unchunk(rest, (piece) => decoder.write(piece));
    });
    socket.write(rawPost(STREAM, `accept-encoding: ${coding}\r\n`));
    await until(() => text.includes('event: ping\ndata: {"type": "ping"}\n\n'));
    expect(text).not.toContain('content_block_delta');
    await until(() => clock.pending === 1);
    clock.advance(3000);
    await until(() => text.includes('content_block_delta') && text.endsWith('}\n\n'));
  });

  it('leave nothing running when the client goes away', async () => {
    const clock = new FakeClock();
    const { port, mock } = await listening({ compress: true, clock, tokensPerSecond: 1 });
    const socket = await connect(port);
    socket.write(rawPost(STREAM, 'accept-encoding: gzip\r\n'));
    await until(() => clock.pending === 1);
    socket.destroy();
    await until(() => clock.pending === 0);
    await mock.close();
  });
});

describe('requests', () => {
  const body = Buffer.from(JSON.stringify(HI));
  it.each([
    ['gzip', zlib.gzipSync(body)],
    ['br', zlib.brotliCompressSync(body)],
    ['deflate', zlib.deflateSync(body)],
    ['identity', body],
  ])('may come in %s', async (coding, encoded) => {
    const { port } = await listening();
    expect((await post(port, encoded, { 'content-encoding': coding })).status).toBe(200);
  });

  it('that are not what they say are refused', async () => {
    const { port } = await listening();
    for (const [coding, encoded] of [
      ['gzip', body],
      ['zstd', body],
    ] as const) {
      const answer = await post(port, encoded, { 'content-encoding': coding });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body.toString()).error.details.error_code).toBe(
        'request_body_encoding_invalid',
      );
    }
  });

  it('that grow beyond 32 MiB are refused', async () => {
    const { port } = await listening();
    const bomb = zlib.gzipSync(Buffer.alloc(33 * 1024 * 1024, randomBytes(1)));
    const answer = await post(port, bomb, { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body.toString()).error.type).toBe('request_too_large');
  });
});

/** Takes whole chunks off a chunked body; gives back what is left. */
function unchunk(bytes: Buffer, take: (piece: Buffer) => void): Buffer<ArrayBuffer> {
  let rest = bytes;
  for (;;) {
    const line = rest.indexOf('\r\n');
    const size = line < 0 ? Number.NaN : Number.parseInt(rest.toString('latin1', 0, line), 16);
    if (!(rest.length >= line + 2 + size + 2)) return Buffer.from(rest);
    take(rest.subarray(line + 2, line + 2 + size));
    rest = rest.subarray(line + 2 + size + 2);
  }
}

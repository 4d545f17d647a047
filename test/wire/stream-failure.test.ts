/** An error that the upstream itself tells in its stream is a natural failure, told as such; its bytes pass as they came. */
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { foldEvents } from '../support/fold-events.ts';
import { MODES } from '../support/modes.ts';
import type { UpstreamSocket } from '../support/raw-upstream.ts';
import { testRules } from '../support/rules.ts';

const BEGUN =
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3}}}\n\n';
const ERROR =
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"a secret"}}\n\n';
const STREAM = BEGUN + ERROR;

const CODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  identity: (text) => Buffer.from(text),
  gzip: (text) => zlib.gzipSync(text),
  br: (text) => zlib.brotliCompressSync(text),
};
const head = (coding: string, length: number, status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/event-stream\r\nContent-Encoding: ${coding}\r\nContent-Length: ${length}\r\n\r\n`;

/** Answers each connection's first bytes in two pieces that cut the error's line. */
const sends =
  (bytes: Buffer) =>
  ({ socket }: UpstreamSocket): void => {
    socket.once('data', () => {
      const cut = bytes.indexOf('event: error') + 8;
      socket.write(bytes.subarray(0, cut));
      setImmediate(() => socket.write(bytes.subarray(cut)));
    });
  };

const TOLD = {
  type: 'exchange.error',
  cause: 'natural',
  code: 'upstream-stream-error',
  message: 'the upstream told overloaded_error in its stream, after HTTP 200',
};

describe.each(MODES)('%s', (mode) => {
  it.each([
    ['identity', 'passes', testRules(() => undefined)],
    ['gzip', 'passes', testRules(() => undefined)],
    ['br', 'passes', testRules(() => undefined)],
    ['identity', 'is slowed', testRules(() => ({ do: 'delay', at: 'head', ms: 1 }))],
    ['identity', 'is metered', testRules(() => [], { usage: true })],
    ['gzip', 'is metered', testRules(() => [], { usage: true })],
  ])('%s that %s', async (coding, _, rules) => {
    const body = CODERS[coding]!(STREAM);
    const bytes = Buffer.concat([Buffer.from(head(coding, body.length)), body]);
    const { proxy, peer, send } = await setUp(mode, sends(bytes), { rules });
    send('GET /v1/messages');
    await proxy.event('exchange.ended');
    await expect.poll(() => peer.received().equals(bytes)).toBe(true);
    expect(proxy.events.filter(({ type }) => type === 'exchange.error')).toMatchObject([TOLD]);
    expect(await proxy.event('exchange.ended')).toMatchObject({
      how: 'complete',
      cause: 'natural',
      status: 200,
    });
    const { summary } = foldEvents(proxy.events);
    expect(summary).toMatchObject({ natural: 1, passed: 0, injected: 0, byReason: { [TOLD.code]: 1 } });
    expect(JSON.stringify(proxy.events)).not.toContain('secret');
  });
});

describe('a client that leaves once it was told', () => {
  it('left because of the error', async () => {
    const bytes = Buffer.from(head('identity', STREAM.length + 100) + STREAM);
    const { proxy, client, peer, send } = await setUp('CONNECT+TLS', sends(bytes));
    send('GET /v1/messages');
    await expect.poll(() => peer.received().length).toBe(bytes.length);
    client.raw.resetAndDestroy();
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'client-abort', cause: 'natural' });
    expect(foldEvents(proxy.events).summary).toMatchObject({ natural: 1, abandoned: 0 });
  });
});

describe('an answer that failed otherwise', () => {
  it('is told once', async () => {
    const bytes = Buffer.from(head('identity', STREAM.length, '529 ') + STREAM);
    const { proxy, send } = await setUp('CONNECT+TLS', sends(bytes));
    send('GET /v1/messages');
    expect(await proxy.event('exchange.ended')).toMatchObject({ cause: 'natural', status: 529 });
    expect(proxy.events.filter(({ type }) => type === 'exchange.error')).toEqual([]);
  });

  it('broke off behind its error: the break is told', async () => {
    const bytes = Buffer.from(head('identity', STREAM.length + 100) + STREAM);
    const { proxy, send } = await setUp('CONNECT+TLS', ({ socket }) => {
      socket.once('data', () => socket.end(bytes));
    });
    send('GET /v1/messages');
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'upstream-abort', cause: 'natural' });
    expect(proxy.events.filter(({ type }) => type === 'exchange.error')).toMatchObject([
      { code: 'upstream-reset' },
    ]);
  });
});

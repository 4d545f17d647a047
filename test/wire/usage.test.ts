/** The usage of an answer is read beside its way: every byte, and when it goes, stays as it was. */
import { setImmediate as tick } from 'node:timers/promises';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import type { UpstreamSocket } from '../support/raw-upstream.ts';
import { type TestRules, testRules } from '../support/rules.ts';

const event = (name: string, data: object): string =>
  `event: ${name}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`;
const START = event('message_start', {
  message: {
    usage: {
      input_tokens: 11,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 700,
      output_tokens: 1,
    },
  },
});
const TEXTS = Array.from({ length: 300 }, (_, i) =>
  event('content_block_delta', { delta: { text: `é${i} ${Math.sin(i)}` } }),
).join('');
const STREAM =
  START + TEXTS + event('message_delta', { usage: { output_tokens: 77 } }) + event('message_stop', {});
const JSON_BODY = JSON.stringify({
  content: [{ text: TEXTS }],
  usage: {
    input_tokens: 11,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 700,
    output_tokens: 77,
  },
});
const USAGE = { inputTokens: 11, outputTokens: 77, cacheReadTokens: 700, cacheCreationTokens: 5 };

const CODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  identity: (text) => Buffer.from(text),
  gzip: (text) => zlib.gzipSync(text),
  deflate: (text) => zlib.deflateSync(text),
  br: (text) => zlib.brotliCompressSync(text),
};

function head(type: string, coding: string, framing: string): string {
  const coded = coding === 'identity' ? '' : `content-ENCODING: ${coding}\r\n`;
  return `HTTP/1.1 200 Fine\r\nContent-Type:   ${type}\r\n${coded}x-twice: 1\r\n${framing}x-Twice: 2\r\n\r\n`;
}

/** Chunks of odd sizes, with an extension and a trailer. */
function chunked(body: Buffer): Buffer {
  const parts: (Buffer | string)[] = [];
  for (let at = 0, size = 3; at < body.length; at += size, size = (size * 7) % 997) {
    const part = body.subarray(at, at + size);
    parts.push(`${part.length.toString(16)};odd=1\r\n`, part, '\r\n');
  }
  return Buffer.concat([...parts, '0\r\nx-trailer: 3\r\n\r\n'].map((part) => Buffer.from(part as string)));
}

/** Sends the bytes to each connection that asked, in pieces that cut whatever there is. */
const inPieces =
  (bytes: Buffer, size: number, end = false) =>
  ({ socket }: UpstreamSocket): void => {
    socket.once('data', () => {
      void (async () => {
        for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
          socket.write(bytes.subarray(at, at + size));
          await tick();
        }
        if (end) socket.end();
      })();
    });
  };

const reading = (): TestRules => testRules(() => [], { usage: true });

async function settled(rules: TestRules, times = 1) {
  await expect.poll(() => rules.settled.length).toBe(times);
  return rules.settled.at(-1)!;
}

describe.each(MODES)('reading the usage, %s', (mode) => {
  describe.each(Object.keys(CODERS))('%s', (coding) => {
    const answers: readonly (readonly [string, Buffer, boolean])[] = (
      [
        ['a stream', 'text/event-stream; charset=utf-8', STREAM],
        ['a message', 'application/json', JSON_BODY],
      ] as const
    ).flatMap(([what, type, text]) => {
      const body = CODERS[coding]!(text);
      return [
        [
          `${what} in chunks`,
          Buffer.concat([Buffer.from(head(type, coding, 'Transfer-Encoding: chunked\r\n')), chunked(body)]),
          false,
        ],
        [
          `${what} of known length`,
          Buffer.concat([Buffer.from(head(type, coding, `Content-Length: ${body.length}\r\n`)), body]),
          false,
        ],
        [`${what} until the end`, Buffer.concat([Buffer.from(head(type, coding, '')), body]), true],
      ] as const;
    });

    it.each(answers)('%s: the same bytes, and what they say', async (_, bytes, end) => {
      const rules = reading();
      const { proxy, peer, send } = await setUp(mode, inPieces(bytes, 1_009, end), { rules });
      send('GET /v1/messages');
      await expect.poll(() => peer.received().length, { timeout: 15_000 }).toBe(bytes.length);
      expect(peer.received().equals(bytes)).toBe(true);
      expect(await settled(rules)).toEqual({ status: 200, complete: true, injected: false, usage: USAGE });
      expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete', cause: null });
      expect(proxy.events.filter(({ type }) => type.startsWith('fault.'))).toEqual([]);
    });
  });
});

describe('what cannot be read', () => {
  const whole = (type: string, coding: string, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(head(type, coding, `Content-Length: ${body.length}\r\n`)), body]);
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    [
      'an unknown coding',
      whole('text/event-stream', 'zstd', Buffer.from('whatever')),
      /coded as zstd, which this runtime cannot undo/,
    ],
    [
      'a broken coding',
      whole('text/event-stream', 'gzip', Buffer.from('no gzip at all')),
      /its gzip coding is broken/,
    ],
    [
      'a cut coding',
      whole('application/json', 'gzip', zlib.gzipSync(JSON_BODY).subarray(0, 500)),
      /its gzip coding is broken/,
    ],
    ['another type', whole('text/html', 'identity', Buffer.from('<p>')), /neither JSON nor an event stream/],
    ['no usage', whole('application/json', 'identity', Buffer.from('{"usage":null}')), /it does not tell it/],
  ];

  it.each(cases)('%s passes as it came, and is told', async (_, bytes, reason) => {
    const rules = reading();
    const { proxy, peer, send } = await setUp('origin-form', inPieces(bytes, 100), { rules });
    send('GET /v1/messages');
    await expect.poll(() => peer.received().length).toBe(bytes.length);
    expect(peer.received().equals(bytes)).toBe(true);
    expect(await settled(rules)).toEqual({ status: 200, complete: true, injected: false });
    await proxy.event('exchange.ended');
    const told = proxy.events.filter(({ type }) => type === 'fault.skipped');
    expect(told).toMatchObject([
      { rule: 'test', fault: 'test-fault', reason: expect.stringMatching(reason) },
    ]);
    expect(proxy.events.at(-1)?.type).toBe('exchange.ended');
  });

  it('an error of the upstream has none, and nothing is told', async () => {
    const rules = reading();
    const bytes = Buffer.from(
      'HTTP/1.1 529 Overloaded\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno',
    );
    const { proxy, send } = await setUp('origin-form', inPieces(bytes, 100), { rules });
    send('GET /v1/messages');
    expect(await settled(rules)).toEqual({ status: 529, complete: true, injected: false });
    expect(proxy.events.filter(({ type }) => type.startsWith('fault.'))).toEqual([]);
  });
});

describe('ends', () => {
  const gzipped = zlib.gzipSync(STREAM);
  const bytes = Buffer.concat([
    Buffer.from(head('text/event-stream', 'gzip', `Content-Length: ${gzipped.length}\r\n`)),
    gzipped,
  ]);

  it('the next call of the connection finds the usage settled, though the coding gives it late', async () => {
    const seen: number[] = [];
    const rules: TestRules = testRules(
      () => {
        seen.push(rules.settled.filter(({ usage }) => usage).length);
        return [];
      },
      { usage: true },
    );
    const answer = ({ socket }: UpstreamSocket): void => void socket.on('data', () => socket.write(bytes));
    const { send } = await setUp('origin-form', answer, { rules });
    for (let i = 0; i < 5; i++) send('GET /v1/messages');
    await settled(rules, 5);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('a client that leaves with the last byte has a complete answer', async () => {
    const rules = reading();
    const { proxy, client, peer, send } = await setUp('origin-form', inPieces(bytes, 100_000), { rules });
    client.socket.on('data', () => {
      if (peer.received().length >= bytes.length) client.raw.destroy();
    });
    send('GET /v1/messages');
    expect(await settled(rules)).toMatchObject({ complete: true });
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete', cause: null });
  });

  it.each([
    ['the upstream breaks off', 'upstream-abort'],
    ['the client leaves', 'client-abort'],
  ] as const)('%s: what was told so far', async (_, how) => {
    const rules = reading();
    const part = Buffer.from(
      head('text/event-stream', 'identity', 'Transfer-Encoding: chunked\r\n') +
        `${START.length.toString(16)}\r\n${START}\r\n`,
    );
    const { proxy, client, upstream, peer, send } = await setUp('origin-form', inPieces(part, 50), { rules });
    send('GET /v1/messages');
    await expect.poll(() => peer.received().length).toBe(part.length);
    if (how === 'client-abort') client.raw.resetAndDestroy();
    else upstream.connections[0]!.socket.destroy();
    expect(await settled(rules)).toMatchObject({ complete: false, usage: { ...USAGE, outputTokens: 1 } });
    expect(await proxy.event('exchange.ended')).toMatchObject({ how, cause: 'natural' });
  });
});

it('the upstream is offered no coding that cannot be undone, where usage is wanted', async () => {
  for (const usage of [true, false]) {
    const rules = testRules(() => [], { usage });
    const { upstream, send } = await setUp('origin-form', () => {}, { rules });
    send('GET /v1/messages', 'Accept-Encoding: gzip, zstd, br\r\n\r\n');
    await expect.poll(() => upstream.connections[0]?.received().toString() ?? '').toContain('\r\n\r\n');
    const offered = /accept-encoding: (.*)/i.exec(upstream.connections[0]!.received().toString())![1]!.trim();
    expect(offered).toBe(usage ? 'gzip, br' : 'gzip, zstd, br');
  }
});

/**
 * What a client does not read must not pile up in the proxy, where a few bytes of an upstream, or of the client, become
 * many: coded streams that filters decode, interim answers, answers to a pipeline.
 */
import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Effect, StreamFilter, StreamOp } from '../../src/core/effect.ts';
import type { SseEvent } from '../../src/core/sse/event.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { atEnd } from '../support/proxy.ts';
import type { UpstreamSocket } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

const MEGABYTE = 1024 * 1024;
const EVENT = `event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"${'x'.repeat(900)}"}}\n\n`;
const EVENTS = 32_000;
/** Some 32 MB, in less than 300 kB. */
const coded = gzipSync(EVENT.repeat(EVENTS), { level: 1 });

/** Sends the coded stream, and ends. */
function stream(peer: UpstreamSocket): void {
  peer.socket.once('data', () => {
    const head = `Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}`;
    peer.socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
    peer.socket.write(coded);
  });
}

/** Counts events, and does with each what `to` says. */
function counting(
  seen: { events: number },
  to: (event: SseEvent, nth: number) => readonly StreamOp[],
): Effect {
  return {
    do: 'filter',
    open: (): StreamFilter => ({
      onEvent: (event) => {
        seen.events += 1;
        return to(event, seen.events);
      },
      onEnd: (rest) => (rest.length > 0 ? [{ op: 'bytes', bytes: rest }] : []),
      skipped: () => undefined,
    }),
  };
}

/** Resolves once a count has begun, and goes no further. */
async function halted(count: () => number): Promise<number> {
  let last = -1;
  await expect
    .poll(
      () => {
        const before = last;
        last = count();
        return before > 0 && before === last;
      },
      { interval: 150, timeout: 15_000 },
    )
    .toBe(true);
  return last;
}

/** The content of chunks. */
function content(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, line), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

describe.each(MODES)('backpressure, %s', (mode) => {
  it('a coded stream is decoded no further than a filter lets it go', async () => {
    const seen = { events: 0 };
    const hold = counting(seen, (event) => [
      { op: 'emit', event },
      { op: 'wait', ms: Number.POSITIVE_INFINITY },
    ]);
    const { send, client, peer } = await setUp(mode, stream, { rules: testRules(() => hold) });
    send('POST /v1/messages', 'Content-Length: 0\r\n\r\n');
    await peer.until('\r\n\r\n');
    expect(await halted(() => seen.events)).toBeLessThan(1000);
    client.raw.destroy();
  });

  it('a coded stream waits for a client that does not read, is told as complete after that, and is whole', async () => {
    const seen = { events: 0 };
    // What cannot be coded small again.
    const noise = randomBytes(2 * MEGABYTE);
    const piece = (nth: number): Buffer => noise.subarray((nth * 800) % MEGABYTE).subarray(0, 800);
    const noisy = counting(seen, (_event, nth) => [{ op: 'bytes', bytes: piece(nth) }]);
    const { send, client, proxy } = await setUp(mode, stream, { rules: testRules(() => noisy) });
    client.socket.removeAllListeners('data');
    client.socket.pause();
    send('POST /v1/messages', 'Content-Length: 0\r\n\r\n');
    expect(await halted(() => seen.events)).toBeLessThan(EVENTS);
    expect(proxy.events.filter(({ type }) => type === 'exchange.ended')).toEqual([]);
    const all: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => all.push(chunk));
    client.socket.resume();
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete' });
    await expect
      .poll(() => Buffer.concat(all.slice(-2)).subarray(-7).toString('latin1'))
      .toBe('\r\n0\r\n\r\n');
    const bytes = Buffer.concat(all);
    const body = gunzipSync(content(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)));
    expect(body.length).toBe(EVENTS * 800);
    const whole = createHash('sha256');
    for (let nth = 1; nth <= EVENTS; nth++) whole.update(piece(nth));
    expect(createHash('sha256').update(body).digest('hex')).toBe(whole.digest('hex'));
  });

  it('interim answers wait for a client that does not read', async () => {
    let written = 0;
    let stop = false;
    atEnd(() => {
      stop = true;
    });
    const interim = Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(1000)}>\r\n\r\n`.repeat(60));
    const { send, client } = await setUp(mode, ({ socket }) => {
      const more = (): void => {
        while (!stop && written < 64 * MEGABYTE) {
          written += interim.length;
          if (!socket.write(interim)) {
            socket.once('drain', more);
            return;
          }
        }
      };
      socket.once('data', more);
    });
    client.socket.removeAllListeners('data');
    client.socket.pause();
    send('GET /v1/messages');
    expect(await halted(() => written)).toBeLessThan(32 * MEGABYTE);
    client.raw.destroy();
  });

  it('a pipeline is answered no faster than its answers are read, and whole', async () => {
    const requests = 10_000;
    const answer = overloaded([['x-long', 'y'.repeat(2000)]]);
    const rules = testRules(() => answer, { record: false });
    let asked = 0;
    const { send, client } = await setUp(mode, () => {}, {
      rules: {
        ...rules,
        decide: (facts, at) => {
          asked += 1;
          return rules.decide(facts, at);
        },
      },
    });
    client.socket.removeAllListeners('data');
    client.socket.pause();
    const one = `POST ${client.targetPrefix}/v1/messages HTTP/1.1\r\nHost: ${client.host}\r\nContent-Length: 0\r\n\r\n`;
    client.socket.write(one.repeat(requests - 1));
    send('POST /v1/messages', 'Content-Length: 0\r\n\r\n');
    expect(await halted(() => asked)).toBeLessThan(requests);
    let answers = 0;
    let rest = '';
    client.socket.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString('latin1')).split('HTTP/1.1 529 ');
      answers += parts.length - 1;
      rest = parts.at(-1)!.slice(-12);
    });
    client.socket.resume();
    await expect.poll(() => answers, { timeout: 15_000 }).toBe(requests);
  });
});

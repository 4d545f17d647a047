/** A filter that throws, wherever it does and whatever the coding: its connection ends, told, and nothing else does. */
import { setImmediate as turn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { expect, it } from 'vitest';
import type { StreamFilter } from '../../src/core/effect.ts';
import { testRules } from '../support/rules.ts';
import { leftOpen, overdue } from './laws.ts';
import { Stage } from './stage.ts';
import { chunk, GET, LAST_CHUNK, STREAM_HEAD, sse } from './words.ts';

const CODERS = {
  identity: (bytes: Buffer) => bytes,
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
} as const;

const BUG = 'a bug that a test has planted';

function broken(): never {
  throw new TypeError(BUG);
}

/** A filter that lets all pass. */
const SOUND: StreamFilter = {
  onEvent: (event) => [{ op: 'emit', event }],
  onEnd: (rest) => (rest.length > 0 ? [{ op: 'bytes', bytes: rest }] : []),
  skipped: () => 'it does nothing',
};

/** Where a filter can throw. */
const BROKEN: Readonly<Record<string, () => StreamFilter>> = {
  open: broken,
  onEvent: () => ({ ...SOUND, onEvent: broken }),
  onEnd: () => ({ ...SOUND, onEnd: broken }),
  due: () => ({ ...SOUND, due: broken }),
  onTime: () => ({ ...SOUND, due: () => 10, onTime: broken }),
  skipped: () => ({ ...SOUND, skipped: broken }),
  spare: () => ({ ...SOUND, spare: broken, passedOver: () => {} }),
  passedOver: () => ({ ...SOUND, spare: () => 100, passedOver: broken }),
};

const DELTA = sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } });

async function until(stage: Stage, done: () => boolean): Promise<void> {
  // Coders work on threads of their own: nothing says when they are done.
  const limit = performance.now() + 5_000;
  while (!done() && performance.now() < limit) await turn();
  await stage.quiet();
}

it.each(
  Object.keys(CODERS).flatMap((coding) => Object.keys(BROKEN).map((where) => [where, coding] as const)),
)('%s of a stream in %s', async (where, coding) => {
  const uncaught: unknown[] = [];
  const hear = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
  try {
    const rules = testRules((_facts, nth) =>
      nth === 1 ? { do: 'filter', open: () => BROKEN[where]!() } : undefined,
    );
    const stage = new Stage({ rules });
    const client = await stage.connects();
    await client.says(GET);
    const [upstream] = stage.upstreams;
    await upstream!.opens();
    const body = CODERS[coding as keyof typeof CODERS](Buffer.from(DELTA.repeat(5)));
    await upstream!.says(
      `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: ${coding}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    await stage.passes(20);
    await upstream!.says(chunk(body.toString('latin1')) + LAST_CHUNK);
    const ended = (): boolean => stage.events.some(({ type }) => type === 'exchange.ended');
    await until(stage, () => ended() && client.leg.destroyed);
    const told = stage.events.flatMap((event) => ('message' in event ? [event.message] : []));
    expect(told).toContain(BUG);
    expect(stage.events.filter(({ type }) => type === 'exchange.ended')).toMatchObject([
      { how: 'own-failure' },
    ]);
    expect(client.leg.destroyed).toBe(true);
    await stage.passes(10_000);
    expect(overdue(stage)).toEqual([]);
    const other = await stage.connects();
    await other.says(GET);
    await stage.upstreams.at(-1)!.opens();
    await stage.upstreams.at(-1)!.says('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(other.received).toMatch(/^HTTP\/1\.1 200 OK/);
    await stage.over();
    expect(leftOpen(stage)).toEqual([]);
    expect(uncaught).toEqual([]);
  } finally {
    process.off('uncaughtException', hear);
    process.off('unhandledRejection', hear);
  }
});

it('one that throws when its client has left leaves no wait behind', async () => {
  const filter = { ...SOUND, due: () => 100_000_000, onTime: () => [], skipped: broken };
  const stage = new Stage({ rules: testRules(() => ({ do: 'filter', open: () => filter })) });
  const client = await stage.connects();
  await client.says(GET);
  const [upstream] = stage.upstreams;
  await upstream!.opens();
  await upstream!.says(STREAM_HEAD + chunk(DELTA));
  await client.resets();
  await stage.passes(10_000);
  expect(overdue(stage)).toEqual([]);
  expect(stage.events.filter(({ type }) => type === 'exchange.ended')).toHaveLength(1);
  await stage.over();
  expect(leftOpen(stage)).toEqual([]);
});

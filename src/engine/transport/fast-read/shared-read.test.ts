/** Sockets that read into the shared buffer give the same bytes, pauses and ends as Node's own; chunks last. */
import { once } from 'node:events';
import type net from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainPair, type SocketPair, tlsPair, transfers } from '../../../../test/support/socket-pairs.ts';
import { shareReads } from './shared-read.ts';

interface Pair extends SocketPair {
  /** The connection that carries `near`. */
  readonly wire: net.Socket;
}

async function plain(): Promise<Pair> {
  const pair = await plainPair();
  return { ...pair, wire: pair.near };
}

/** As the engine has it: TLS over an accepted connection that shares its reads as well. */
async function tls(): Promise<Pair> {
  const below = await plainPair();
  shareReads(below.far);
  return { ...(await tlsPair(below)), wire: below.near };
}

/** Keeps the chunks themselves: what they hold is looked at when all has come. */
class Reader {
  readonly chunks: Buffer[] = [];
  #length = 0;
  each: () => void = () => {};

  readonly #socket: net.Socket;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    shareReads(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.#length += chunk.length;
      this.each();
    });
    socket.pause();
  }

  async read(length: number): Promise<Buffer> {
    while (this.#length < length && !this.#socket.destroyed) await new Promise(setImmediate);
    return Buffer.concat(this.chunks);
  }
}

describe.each([
  ['plain', plain],
  ['TLS', tls],
])('a %s socket', (_kind, pair) => {
  it('reads without a buffer of its own for each read', async () => {
    const { near, far } = await pair();
    const reader = new Reader(far);
    far.resume();
    near.write('few bytes');
    expect((await reader.read(9)).toString()).toBe('few bytes');
    // Node's own reads have memory that is as large as what came.
    expect(reader.chunks[0]?.buffer.byteLength).toBeGreaterThanOrEqual(Buffer.poolSize);
  });

  it('keeps what it read, whatever others read after it', async () => {
    const pairs = [await pair(), await pair(), await pair()];
    const readers = pairs.map(({ far }) => new Reader(far));
    for (const { far } of pairs) far.resume();
    const lengths = [3, 200, 5000, 16_384, 100_000];
    const texts = ['abc', 'defgh', 'i'].map((text) => lengths.map((length) => Buffer.alloc(length, text)));
    for (const round of lengths.keys()) {
      pairs.forEach(({ near }, i) => void near.write(texts[i]![round]!));
      const soFar = lengths.slice(0, round + 1).reduce((sum, length) => sum + length, 0);
      for (const reader of readers) await reader.read(soFar);
    }
    for (const [i, { chunks }] of readers.entries())
      expect(Buffer.concat(chunks).equals(Buffer.concat(texts[i]!))).toBe(true);
  });

  it('loses and reorders nothing, whenever it is paused and resumed', async () => {
    await fc.assert(
      fc.asyncProperty(transfers, async (begin) => {
        const { near, far } = await pair();
        const { sent, came } = begin();
        const reader = new Reader(far);
        reader.each = () => came(far);
        far.resume();
        const all = Buffer.concat(sent);
        near.write(all);
        expect((await reader.read(all.length)).equals(all)).toBe(true);
        near.destroy();
        far.destroy();
      }),
      { numRuns: 15 },
    );
  });

  it('stops reading when nobody takes what came, and goes on', async () => {
    const { near, far } = await pair();
    const reader = new Reader(far);
    const sent = Buffer.alloc(16 * far.readableHighWaterMark, 'abcdefg');
    far.resume();
    near.write('x');
    await reader.read(1);
    far.pause();
    near.write(sent);
    while (far.readableLength < far.readableHighWaterMark && !far.destroyed) await new Promise(setImmediate);
    for (let i = 0; i < 100; i++) await new Promise(setImmediate);
    expect(far.readableLength).toBeLessThan(sent.length);
    expect(reader.chunks).toHaveLength(1);
    far.resume();
    expect((await reader.read(1 + sent.length)).subarray(1).equals(sent)).toBe(true);
  });

  it('notices while it is paused that the other side went away', async () => {
    const { near, far, wire } = await pair();
    const reader = new Reader(far);
    far.resume();
    near.write('x');
    await reader.read(1);
    far.pause();
    const error = once(far, 'error') as Promise<[NodeJS.ErrnoException]>;
    wire.resetAndDestroy();
    expect((await error)[0].code).toBe('ECONNRESET');
  });

  it('tells the end behind the last bytes', async () => {
    const { near, far } = await pair();
    const reader = new Reader(far);
    far.resume();
    near.end('last words');
    await once(far, 'end');
    expect(Buffer.concat(reader.chunks).toString()).toBe('last words');
  });
});

interface Insides {
  [key: symbol]: unknown;
  _handle: { useUserBuffer?: unknown } | null;
}

describe('a socket whose insides are not as expected', () => {
  const take: Record<string, (socket: net.Socket & Insides) => () => void> = {
    'its handle': (socket) => {
      const { _handle } = socket;
      socket._handle = null;
      return () => void (socket._handle = _handle);
    },
    'what its handle can do': (socket) => {
      socket._handle!.useUserBuffer = undefined;
      return () => delete socket._handle!.useUserBuffer;
    },
    'the property of its buffer': (socket) => without(socket, 'kBuffer'),
    'the property of its callback': (socket) => without(socket, 'kBufferCb'),
  };

  function without(socket: net.Socket & Insides, name: string): () => void {
    const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)!;
    const value = socket[key];
    delete socket[key];
    return () => void (socket[key] = value);
  }

  it.each(Object.keys(take))('reads as ever without %s', async (what) => {
    const { near, far } = await plain();
    const socket = far as net.Socket & Insides;
    const giveBack = take[what]!(socket);
    expect(shareReads(socket)).toBe(false);
    giveBack();
    expect(Object.hasOwn(socket, 'pause')).toBe(false);
    near.end('as ever');
    const chunks = await socket.toArray();
    expect(Buffer.concat(chunks).toString()).toBe('as ever');
    expect(chunks[0].buffer.byteLength).toBeLessThan(Buffer.poolSize);
    // One odd socket says nothing of the others.
    expect(shareReads((await plain()).far)).toBe(true);
  });

  it.each([
    ['19.9.0', false],
    ['20.19.0', true],
    ['26.1.0', true],
    ['27.0.0', false],
  ])('of Node %s: shares its reads: %s', async (node, shares) => {
    expect(shareReads((await plain()).far, node)).toBe(shares);
  });
});

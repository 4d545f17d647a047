/** What a caller does with answers, seen from outside over plain TCP: where the fake and a real fault must agree. */
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TunnelAction, TunnelChunk } from '../../../src/grpc/tunnel/tunnel-chunk.ts';
import { atEnd } from '../proxy.ts';
import type { StartCaller } from './bench.ts';
import { openTunnel } from './node-client.ts';
import { plainPlugin } from './plain-plugin.ts';

interface Call extends TunnelChunk {
  readonly signal: AbortSignal;
  answer(action: TunnelAction): void;
}

interface Line {
  readonly client: net.Socket;
  readonly upstream: net.Socket;
  /** The nth call, from 0, once it comes. */
  call(nth: number): Promise<Call>;
  readonly calls: readonly Call[];
  /** What came out at either end. */
  readonly out: { client: string; upstream: string };
  readonly ended: { client: boolean; upstream: boolean };
}

/** Time for bytes to travel where no event tells of them. */
const TRAVEL_MS = 60;
const text = (kind: 'replace' | 'pass-through', chunk: string | Buffer): TunnelAction => ({
  kind,
  chunk: Buffer.from(chunk),
});

async function openLine(start: StartCaller, side: 0 | 1): Promise<Line> {
  const calls: Call[] = [];
  const url = await plainPlugin(
    (block, signal) =>
      new Promise((answer) => {
        calls.push({ ...block, signal, answer });
      }),
    side,
  );
  const out = { client: '', upstream: '' };
  const ended = { client: false, upstream: false };
  let arrived = (_socket: net.Socket): void => {};
  const connected = new Promise<net.Socket>((resolve) => {
    arrived = resolve;
  });
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => (out.upstream += data.toString('latin1')));
    socket.on('end', () => (ended.upstream = true));
    atEnd(() => socket.destroy());
    arrived(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => server.close());
  const caller = await start(url, (server.address() as net.AddressInfo).port);
  atEnd(() => caller.close());
  // Answers that nobody gave would hold the plugin's end.
  atEnd(() => {
    for (const one of calls) one.answer(text('replace', ''));
  });
  const client = await openTunnel({ caller }, { allowHalfOpen: true });
  client.on('data', (data) => (out.client += data.toString('latin1')));
  client.on('end', () => (ended.client = true));
  return {
    client,
    upstream: await connected,
    calls,
    out,
    ended,
    call: async (nth) => {
      await expect.poll(() => calls.length, { timeout: 5_000, interval: 5 }).toBeGreaterThan(nth);
      return calls[nth] as Call;
    },
  };
}

/** Ends of the paths of a registration. */
function write({ client, upstream, out }: Line, side: 0 | 1) {
  return side === 1
    ? { from: client, got: () => out.upstream, back: upstream, backGot: () => out.client }
    : { from: upstream, got: () => out.client, back: client, backGot: () => out.upstream };
}

export function describeCallerRules(start: StartCaller): void {
  describe.each([
    ['SERVER', 1],
    ['CLIENT', 0],
  ] as const)('the caller, side %s', (_name, side) => {
    const writes = side === 1 ? 'to-upstream' : 'to-client';
    const reads = side === 1 ? 'to-client' : 'to-upstream';

    it('write path: loses what came after the call began', async () => {
      const line = await openLine(start, side);
      const { from, got } = write(line, side);
      from.write('seen');
      const first = await line.call(0);
      expect([first.direction, first.chunk.toString()]).toEqual([writes, 'seen']);
      from.write(' unseen');
      await pause(TRAVEL_MS);
      first.answer(text('replace', 'seen'));
      await expect.poll(got).toBe('seen');
      from.write(' next');
      const second = await line.call(1);
      expect(second.chunk.toString()).toBe(' next');
      second.answer(text('replace', ' next'));
      await expect.poll(got).toBe('seen next');
    });

    it('write path: loses nothing of a full buffer', async () => {
      const line = await openLine(start, side);
      const { from, got } = write(line, side);
      from.write('a');
      const first = await line.call(0);
      from.write(Buffer.alloc(8192, 'b')); // fills the buffer behind 'a', and one is left over
      await pause(TRAVEL_MS);
      first.answer(text('replace', ''));
      const second = await line.call(1);
      expect(second.chunk.length).toBe(8192);
      second.answer(text('replace', '[full]'));
      const third = await line.call(2);
      expect(third.chunk.toString()).toBe('b');
      third.answer(text('replace', '[b]'));
      await expect.poll(got).toBe('[full][b]');
    });

    it('write path: asks again after an empty replace, with what came meanwhile', async () => {
      const line = await openLine(start, side);
      const { from } = write(line, side);
      from.write('A');
      const first = await line.call(0);
      from.write('B');
      await pause(TRAVEL_MS);
      first.answer(text('replace', ''));
      expect((await line.call(1)).chunk.toString()).toBe('AB');
    });

    it('write path: an empty pass-through forwards all it holds', async () => {
      const line = await openLine(start, side);
      const { from, got } = write(line, side);
      from.write('seen');
      const first = await line.call(0);
      from.write(' unseen');
      await pause(TRAVEL_MS);
      first.answer(text('pass-through', ''));
      await expect.poll(got).toBe('seen unseen');
      expect(line.calls).toHaveLength(1);
    });

    it('write path: close leaves the peer open until the other direction ends', async () => {
      const line = await openLine(start, side);
      const { from, back } = write(line, side);
      from.write('A');
      (await line.call(0)).answer({ kind: 'close', reason: 'test' });
      await pause(TRAVEL_MS);
      expect(line.ended).toEqual({ client: false, upstream: false });
      back.end();
      await expect.poll(() => line.ended).toEqual({ client: true, upstream: true });
    });

    it('read path: 4096 bytes at most, in order, and none lost', async () => {
      const line = await openLine(start, side);
      const { back, backGot } = write(line, side);
      back.write(Buffer.alloc(5000, 'a'));
      const first = await line.call(0);
      expect([first.direction, first.chunk.length]).toEqual([reads, 4096]);
      back.write('b');
      await pause(TRAVEL_MS);
      expect(line.calls).toHaveLength(1);
      first.answer(text('replace', ''));
      const second = await line.call(1);
      expect(second.chunk.length).toBe(905);
      second.answer(text('replace', 'x'.repeat(50_000)));
      await expect.poll(() => backGot().length).toBe(50_000);
    });

    it('read path: close ends in order', async () => {
      const line = await openLine(start, side);
      const { back, from } = write(line, side);
      back.write('A');
      (await line.call(0)).answer({ kind: 'close', reason: 'test' });
      const [far, near] = side === 1 ? (['client', 'upstream'] as const) : (['upstream', 'client'] as const);
      await expect.poll(() => line.ended[far]).toBe(true);
      expect(line.ended[near]).toBe(false);
      from.end();
      await expect.poll(() => line.ended[near]).toBe(true);
    });

    it('holds a call in one direction, and serves the other', async () => {
      const line = await openLine(start, side);
      const { from, back, backGot } = write(line, side);
      from.write('held');
      await line.call(0);
      back.write('goes on');
      (await line.call(1)).answer(text('pass-through', 'went on'));
      await expect.poll(backGot).toBe('went on');
    });

    it('tells of no end, and gives up a call with its tunnel', async () => {
      const line = await openLine(start, side);
      const { from } = write(line, side);
      from.write('held');
      const held = await line.call(0);
      line.client.resetAndDestroy();
      line.upstream.resetAndDestroy();
      await expect.poll(() => held.signal.aborted, { timeout: 3_000 }).toBe(true);
      expect(line.calls).toHaveLength(1);
    });
  });
}

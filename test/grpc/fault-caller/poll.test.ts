/** The fake of fault, poll by poll: what it does to bytes must be what fault does, or what passes against it proves nothing. */
import { describe, expect, it } from 'vitest';
import type { Side } from '../../support/fault-caller/plugin-call.ts';
import { type MemoryTunnel, memoryTunnel, passThrough, replace, settle } from './memory-tunnel.ts';

/** The streams of the two paths of a registration. */
function paths(tunnel: MemoryTunnel, side: Side) {
  const { client, upstream } = tunnel;
  return side === 'server'
    ? { read: { from: upstream, to: client }, write: { from: client, to: upstream } }
    : { read: { from: client, to: upstream }, write: { from: upstream, to: client } };
}

describe.each(['server', 'client'] as const)('a registration of side %s', (side) => {
  const direction = { read: 'to-client', write: 'to-upstream' } as const;
  const other = { read: 'to-upstream', write: 'to-client' } as const;
  const named = side === 'server' ? direction : other;

  describe('on the write path', () => {
    it('loses what came between the call and its answer', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).write;
      from.arrive('seen');
      await settle();
      from.arrive(' unseen');
      await settle();
      expect(tunnel.calls.map((call) => [call.block.direction, call.text])).toEqual([[named.write, 'seen']]);
      await tunnel.calls[0]!.answer(replace('seen'));
      from.arrive(' next');
      await settle();
      await tunnel.calls[1]!.answer(replace(' next'));
      expect(to.written).toBe('seen next');
      expect(tunnel.calls).toHaveLength(2);
      tunnel.drop();
    });

    it('loses nothing of a full buffer', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).write;
      from.arrive(Buffer.alloc(8192, 'a'));
      await settle();
      from.arrive('b');
      await settle();
      await tunnel.calls[0]!.answer(replace('A'));
      expect(tunnel.calls.map((call) => call.block.chunk.length)).toEqual([8192, 1]);
      await tunnel.calls[1]!.answer(replace('B'));
      expect(to.written).toBe('AB');
      tunnel.drop();
    });

    it('asks again after an empty replace, with the grown buffer', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).write;
      from.arrive('A');
      await settle();
      from.arrive('B');
      await tunnel.calls[0]!.answer(replace(''));
      from.arrive('C');
      await settle();
      await tunnel.calls[1]!.answer(replace(''));
      expect(tunnel.calls.map((call) => call.text)).toEqual(['A', 'AB', 'ABC']);
      await tunnel.calls[2]!.answer(replace('all'));
      expect(to.written).toBe('all');
      tunnel.drop();
    });

    it('forwards what it holds on an empty pass-through, unseen bytes and all', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).write;
      from.arrive('seen');
      await settle();
      from.arrive(' unseen');
      await settle();
      await tunnel.calls[0]!.answer(passThrough(''));
      expect(to.written).toBe('seen unseen');
      expect(tunnel.calls).toHaveLength(1);
      tunnel.drop();
    });

    it('waits on buffer until more bytes come, and then shows all of them', async () => {
      const tunnel = memoryTunnel(side);
      const { from } = paths(tunnel, side).write;
      from.arrive('A');
      await settle();
      await tunnel.calls[0]!.answer({ kind: 'buffer' });
      expect(tunnel.calls).toHaveLength(1);
      from.arrive('B');
      await settle();
      expect(tunnel.calls[1]?.text).toBe('AB');
      tunnel.drop();
    });

    it('stalls behind a partial write until something else wakes it', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).write;
      to.room = 2;
      from.arrive(Buffer.alloc(8192, 'a'));
      await settle();
      await tunnel.calls[0]!.answer(replace('four'));
      expect(to.written).toBe('fo');
      paths(tunnel, side).read.from.arrive('tick');
      await settle();
      expect(to.written).toBe('four');
      tunnel.drop();
    });

    it('fails on close; the peer is left open until the other direction ends, too', async () => {
      const tunnel = memoryTunnel(side);
      const { write, read } = paths(tunnel, side);
      write.from.arrive('A');
      await settle();
      await tunnel.calls[0]!.answer({ kind: 'close', reason: 'test' });
      expect([write.to.shut, read.to.shut, write.to.dropped]).toEqual([false, false, false]);
      read.from.end();
      await settle();
      expect([read.to.shut, write.to.dropped, write.from.dropped]).toEqual([true, true, true]);
      expect((await tunnel.closed).map((error) => error.message)).toEqual(['write zero byte into writer']);
    });
  });

  describe('on the read path', () => {
    it('asks about 4096 bytes at a time, one call after the other, and loses nothing', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).read;
      from.arrive(Buffer.alloc(5000, 'a'));
      await settle();
      from.arrive('b');
      await settle();
      expect(tunnel.calls.map((call) => call.block.chunk.length)).toEqual([4096]);
      await tunnel.calls[0]!.answer(passThrough('1'));
      await tunnel.calls[1]!.answer(replace('2'));
      expect(tunnel.calls.map((call) => [call.block.direction, call.block.chunk.length])).toEqual([
        [named.read, 4096],
        [named.read, 905],
      ]);
      expect(to.written).toBe('12');
      tunnel.drop();
    });

    it('swallows the chunk on an empty answer, and hands out a long one in pieces', async () => {
      const tunnel = memoryTunnel(side);
      const { from, to } = paths(tunnel, side).read;
      from.arrive(Buffer.alloc(4097, 'a'));
      await settle();
      await tunnel.calls[0]!.answer(replace(''));
      expect(tunnel.calls).toHaveLength(2);
      await tunnel.calls[1]!.answer(replace('x'.repeat(20_000)));
      expect(to.written).toHaveLength(20_000);
      tunnel.drop();
    });

    it('stalls on buffer: what comes later is not read', async () => {
      const tunnel = memoryTunnel(side);
      const { from } = paths(tunnel, side).read;
      from.arrive('A');
      await settle();
      await tunnel.calls[0]!.answer({ kind: 'buffer' });
      from.arrive('B');
      await settle();
      expect(tunnel.calls).toHaveLength(1);
      paths(tunnel, side).write.from.arrive('wakes the task of both');
      await settle();
      expect(tunnel.calls.map((call) => call.text)).toContain('B');
      tunnel.drop();
    });

    it('ends in order on close', async () => {
      const tunnel = memoryTunnel(side);
      const { read, write } = paths(tunnel, side);
      read.from.arrive('A');
      await settle();
      await tunnel.calls[0]!.answer({ kind: 'close', reason: 'test' });
      expect([read.to.shut, write.to.shut, read.to.dropped]).toEqual([true, false, false]);
      write.from.end();
      expect(await tunnel.closed).toEqual([]);
    });
  });

  it.each(['read', 'write'] as const)('a failed call ends the %s path, and not the other', async (path) => {
    const tunnel = memoryTunnel(side);
    const both = paths(tunnel, side);
    both[path].from.arrive('A');
    await settle();
    await tunnel.calls[0]!.fail();
    expect([both[path].to.shut, both[path].to.dropped]).toEqual([false, false]);
    both[path === 'read' ? 'write' : 'read'].from.end();
    expect((await tunnel.closed).map((error) => error.message)).toEqual(['status: Internal']);
  });

  it.each(['read', 'write'] as const)('close on the %s path of a TCP mapping', async (path) => {
    const tunnel = memoryTunnel(side, 'tcp');
    const both = paths(tunnel, side);
    both[path].from.arrive('A');
    await settle();
    await tunnel.calls[0]!.answer({ kind: 'close', reason: 'test' });
    expect(tunnel.client.dropped).toBe(path === 'write'); // at once; a read's end waits for the other
    tunnel.drop();
  });

  it('tells the plugin nothing of an end, and drops a call with its tunnel', async () => {
    const tunnel = memoryTunnel(side);
    tunnel.client.end();
    tunnel.upstream.end();
    expect(await tunnel.closed).toEqual([]);
    expect(tunnel.calls).toEqual([]);
    const second = memoryTunnel(side);
    second.client.arrive('A');
    await settle();
    second.drop();
    expect(second.calls[0]!.signal.aborted).toBe(true);
  });
});

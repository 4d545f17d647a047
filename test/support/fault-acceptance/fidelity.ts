/** Acceptance tests 5 and 8: what passes must come through as it was sent, when it was sent, to slow clients, too. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { MESSAGE, patternOf, sha256 } from './api.ts';
import { acceptanceBench, type StartCaller } from './bench.ts';
import { curl, url } from './curl.ts';
import { nodeCall, openSecure, tunnelAgent } from './node-client.ts';

const MiB = 1024 * 1024;

/** @param large MiB of a large answer, more than the kernel keeps for one connection @param slow also to a slow client, which takes its time */
export function describeFidelity(start: StartCaller, { large = 20, slow = true } = {}): void {
  describe('5 pass-through', () => {
    it('a message, plain and in gzip', async () => {
      const bench = await acceptanceBench(start);
      const { stdout, stderr } = await curl(bench, ['--compressed', url('/gzip'), url('/message')]);
      expect(stdout.toString(), stderr).toBe(MESSAGE + MESSAGE);
    });

    it.each([1, large])(
      '%i MiB down',
      async (size) => {
        const bench = await acceptanceBench(start);
        const want = sha256(patternOf(size * MiB));
        const { body } = await nodeCall(tunnelAgent(bench), { path: `/bytes/${size * MiB}` });
        expect(sha256(body)).toBe(want);
        const { stdout, stderr } = await curl(bench, [url(`/bytes/${size * MiB}`)]);
        expect(sha256(stdout), stderr).toBe(want);
      },
      60_000,
    );

    it('500 events in order, and not in batches', async () => {
      const bench = await acceptanceBench(start);
      const seen: number[] = [];
      let pieces = 0;
      let rest = '';
      const { headers } = await nodeCall(tunnelAgent(bench), {
        path: '/events/500',
        onData: (chunk) => {
          pieces += 1;
          const frames = (rest + chunk.toString()).split('\n\n');
          rest = frames.pop() ?? '';
          for (const frame of frames) seen.push((JSON.parse(frame.split('data: ')[1]!) as { i: number }).i);
        },
      });
      expect(headers['content-type']).toBe('text/event-stream');
      expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i));
      expect(pieces).toBeGreaterThan(50);
    });
  });

  describe('8 a slow client', () => {
    it(`reads nothing for a while, then ${large} MiB, whole`, async () => {
      const bench = await acceptanceBench(start);
      const { hash, length } = await late(await openSecure(bench), `/bytes/${large * MiB}`);
      expect([length, hash]).toEqual([large * MiB, sha256(patternOf(large * MiB))]);
    }, 60_000);

    if (!slow) return;
    it('reads 20 MiB at 2 MiB a second, whole', async () => {
      const bench = await acceptanceBench(start);
      const since = performance.now();
      const { stdout, stderr } = await curl(bench, ['--limit-rate', '2M', url(`/bytes/${20 * MiB}`)]);
      expect(sha256(stdout), stderr).toBe(sha256(patternOf(20 * MiB)));
      // Or the client was not slow.
      expect(performance.now() - since).toBeGreaterThan(7000);
    }, 60_000);
  });
}

/** A call whose answer nobody reads until all that can wait for it waits. */
async function late(socket: tls.TLSSocket, path: string): Promise<{ hash: string; length: number }> {
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: api.anthropic.com\r\nConnection: close\r\n\r\n`);
  await pause(1_000);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'close');
  const all = Buffer.concat(chunks);
  const body = all.subarray(all.indexOf('\r\n\r\n') + 4);
  return { hash: sha256(body), length: body.length };
}

/** Acceptance tests 5 and 8: what passes must come through as it was sent, when it was sent, to slow clients, too. */
import { describe, expect, it } from 'vitest';
import { MESSAGE, patternOf, sha256 } from './api.ts';
import { acceptanceBench, type StartCaller } from './bench.ts';
import { curl, url } from './curl.ts';
import { nodeCall, tunnelAgent } from './node-client.ts';

const MiB = 1024 * 1024;

export function describeFidelity(start: StartCaller): void {
  describe('5 pass-through', () => {
    it('a message, plain and in gzip', async () => {
      const bench = await acceptanceBench(start);
      const { stdout, stderr } = await curl(bench, ['--compressed', url('/gzip'), url('/message')]);
      expect(stdout.toString(), stderr).toBe(MESSAGE + MESSAGE);
    });

    it.each([1, 20])(
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

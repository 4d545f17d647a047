/** Answers that wait inside a tunnel. A tunnel may speak only when its upstream does, which these faults must live with. */
import { describe, expect, it } from 'vitest';
import { fastClock } from '../fast-clock.ts';
import type { StartCaller } from './bench.ts';
import { cameAt, faultyBench, STREAM, timedCall } from './faulty.ts';

/** Less than it should be: clocks and timers are not exact. */
const nearly = (ms: number): number => ms - 20;

export function describeSlowAnswers(start: StartCaller): void {
  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('answers that wait, %s', (version) => {
    const tls = { minVersion: version, maxVersion: version };

    it.each(['request', 'head'])('latency before the %s', async (at) => {
      const run = await faultyBench(start, { kind: 'latency', delay: '250ms', at });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body).toBe(STREAM);
      expect(seen.arrivals[0]?.ms).toBeGreaterThan(nearly(250));
      expect(run.told('fault.applied')).toEqual([`delay 250 ms before the ${at === 'head' ? 'answer' : at}`]);
    });

    it('the first token waits, and what precedes it does not', async () => {
      const run = await faultyBench(start, { kind: 'slow-stream', first_token: '400ms' });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body).toBe(STREAM);
      expect(cameAt(seen, 'content_block_delta')).toBeGreaterThan(nearly(400));
      expect(cameAt(seen, 'content_block_delta') - cameAt(seen, 'message_start')).toBeGreaterThan(150);
    });

    it('tokens come at their pace where the upstream streams', async () => {
      const run = await faultyBench(start, { kind: 'slow-stream', tokens_per_second: 25 }, { everyMs: 20 });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body).toBe(STREAM);
      expect(seen.tookMs).toBeGreaterThan(400);
      expect(new Set(seen.arrivals.map(({ ms }) => Math.round(ms / 40))).size).toBeGreaterThan(3);
    });

    it('a stall amid the stream, and the rest after it', async () => {
      const run = await faultyBench(start, { kind: 'stream-stall', after: { events: 5 }, for: '400ms' });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body).toBe(STREAM);
      expect(cameAt(seen, 'message_stop') - cameAt(seen, 'message_start')).toBeGreaterThan(200);
      expect(run.told('fault.applied')).toEqual(['stall 400 ms']);
    });

    it('a stall with pings: they come while it lasts', async () => {
      const stall = { kind: 'stream-stall', after: { events: 5 }, for: '500ms', pings: '120ms' };
      const run = await faultyBench(start, stall, { everyMs: 30 });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body.match(/event: ping/g)?.length).toBeGreaterThanOrEqual(3);
      expect(seen.tookMs).toBeGreaterThan(nearly(500));
      expect(seen.complete).toBe(true);
    });

    it('an upstream that answers in one piece: all of it waits for the end of the stall, and nothing is lost', async () => {
      const stall = { kind: 'stream-stall', after: { events: 5 }, for: '300ms' };
      const run = await faultyBench(start, stall, { pieces: [STREAM] });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body).toBe(STREAM);
      expect(seen.tookMs).toBeGreaterThan(nearly(300));
    });

    it.each([
      ['slow-body', { per_second: '9KiB', first_byte: '100ms' }],
      ['bandwidth', { down: '9KiB' }],
    ])('%s: no faster than it says', async (kind, params) => {
      const run = await faultyBench(start, { kind, ...params });
      const seen = await timedCall(run.bench, { tls });
      expect(seen.body).toBe(STREAM);
      expect(seen.tookMs).toBeGreaterThan(nearly((STREAM.length / 9216) * 1000 - 100));
      expect(run.told('fault.applied')).toHaveLength(1);
    });

    it('a slow upload', async () => {
      const run = await faultyBench(start, { kind: 'bandwidth', up: '3KiB' });
      const seen = await timedCall(run.bench, { tls, headers: `X-Pad: ${'p'.repeat(700)}\r\n` });
      expect(seen.body).toBe(STREAM);
      expect(seen.tookMs).toBeGreaterThan(170);
    });
  });

  describe('whole answers', () => {
    const message = (bytes: number): string => JSON.stringify({ type: 'message', pad: 'x'.repeat(bytes) });

    it('grow to 3 MiB', async () => {
      const run = await faultyBench(
        start,
        { kind: 'body-huge', size: '3MiB' },
        { pieces: [message(10)], json: true },
      );
      const { body, complete } = await timedCall(run.bench);
      expect([body.length, complete]).toEqual([3 * 2 ** 20, true]);
    });

    it('that are larger than a tunnel can hold pass as they came, and this is told', async () => {
      const whole = message(4_000_000);
      const run = await faultyBench(
        start,
        { kind: 'body-truncated' },
        // Each record of a held answer is waited for a little, and there are some hundreds.
        { pieces: [whole], json: true, plugin: { clock: fastClock(10) } },
      );
      const { body } = await timedCall(run.bench);
      expect(body === whole).toBe(true);
      expect(run.told('fault.skipped')).toEqual([expect.stringContaining('3.8 MB at most')]);
    });
  });
}

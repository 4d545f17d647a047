/** Streams that break inside a tunnel: where they break, how the connection ends, and what of it a tunnel cannot do. */
import { setTimeout as pause } from 'node:timers/promises';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nodeCall as tappedCall } from '../network-bench.ts';
import { endsWithCloseNotify, openTap } from '../tap.ts';
import type { StartCaller } from './bench.ts';
import { curl, url, VERSIONS } from './curl.ts';
import { eventsOf, faultyBench, STREAM, timedCall } from './faulty.ts';
import { nodeCall, tunnelAgent } from './node-client.ts';

/** The stream's first three events, which is where these faults act. */
const START = eventsOf(STREAM)
  .filter((event) => event.includes('data:'))
  .slice(0, 3);
const CUT = { kind: 'stream-cut', after: { events: 3 } };
/** What curl says of a message that was not whole. */
const PARTIAL = 18;

export function describeBrokenStreams(start: StartCaller): void {
  describe.each(VERSIONS)('streams that break, %s', (name, version) => {
    const tls = name === 'TLS 1.2' ? 'TLSv1.2' : 'TLSv1.3';
    const limits = { minVersion: tls, maxVersion: tls } as const;

    it('an error event amid the stream ends it cleanly, and the connection; the next call has another', async () => {
      const run = await faultyBench(start, { kind: 'stream-error', after: { events: 3 } });
      const agent = tunnelAgent(run.bench, limits);
      agent.maxSockets = 1;
      for (let nth = 1; nth <= 3; nth += 1) {
        const answer = await nodeCall(agent, { path: '/v1/messages', body: Buffer.from('{"stream":true}') });
        const text = answer.body.toString();
        expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
        for (const event of START) expect(text).toContain(event);
        expect(text).toMatch(/event: error\ndata: .*"overloaded_error".*\n\n$/);
        expect(text).not.toContain('message_stop');
        expect(run.told('fault.applied')).toHaveLength(nth);
      }
    });

    it.each([
      ['clean', 0],
      ['close', PARTIAL],
    ])('cut, %s: curl ends with %i, and has what came before', async (how, code) => {
      const run = await faultyBench(start, { ...CUT, how });
      const seen = await curl(run.bench, [...version, '-N', '-d', '{}', url('/v1/messages')]);
      expect(seen.code, seen.stderr).toBe(code);
      const text = seen.stdout.toString();
      for (const event of START) expect(text).toContain(event);
      expect(text).not.toContain('message_stop');
      await run.ended();
      expect(run.told('fault.applied')).toEqual([`stream cut (${how})`]);
    });

    it.each([
      ['close', true],
      ['abrupt', false],
    ])('cut, %s, on the wire: FIN, close_notify %s', async (how, notify) => {
      const run = await faultyBench(start, { ...CUT, how });
      const tap = await openTap(run.bench.caller.port);
      const { text } = await tappedCall(tap, tls);
      expect(text).toContain(START[2]);
      expect(text).not.toContain('message_stop');
      const tapped = await tap.first();
      expect(await tapped.ended).toBe('FIN');
      expect(endsWithCloseNotify(tapped, tls)).toBe(notify);
    });

    it.each(['reset', 'half-close'])('cut, %s: cannot be done in a tunnel, and is told', async (how) => {
      const run = await faultyBench(start, { ...CUT, how });
      const seen = await curl(run.bench, [...version, '-d', '{}', url('/v1/messages')]);
      expect(seen.code, seen.stderr).toBe(0);
      expect(seen.stdout.toString()).toBe(STREAM);
      await run.ended();
      expect(run.told('fault.applied')).toEqual([]);
      expect(run.told('fault.skipped')).toEqual([
        expect.stringContaining('a tunnel of the fault proxy cannot'),
      ]);
    });

    it('cut, hang: what came before arrives, then nothing, and the client leaves', async () => {
      const run = await faultyBench(start, { ...CUT, how: 'hang' });
      const applied = expect.poll(() => run.told('fault.applied'), { timeout: 5_000 }).toHaveLength(1);
      const until = applied.then(() => pause(300));
      const seen = await curl(run.bench, [...version, '-N', '-d', '{}', url('/v1/messages')], { until });
      expect(seen.code, seen.stderr).toBe(null);
      for (const event of START) expect(seen.stdout.toString()).toContain(event);
      expect(seen.stdout.toString()).not.toContain('message_stop');
    });

    it('a stream in gzip breaks in gzip', async () => {
      const run = await faultyBench(start, { kind: 'stream-error', after: { events: 3 } }, { gzip: true });
      const agent = tunnelAgent(run.bench, limits);
      const headers = { 'accept-encoding': 'gzip' };
      const { body, headers: seen } = await nodeCall(agent, { path: '/v1/messages', headers });
      expect(seen['content-encoding']).toBe('gzip');
      expect(zlib.gunzipSync(body).toString()).toMatch(/event: error\ndata: .*\n\n$/);
    });
  });

  describe('calls that break', () => {
    it.each([
      ['request', 0],
      ['head', 1],
    ])('closed at %s: no byte of an answer', async (at, calls) => {
      const run = await faultyBench(start, { kind: 'disconnect', how: 'close', at });
      const { head, ended } = await timedCall(run.bench);
      expect([head, ended]).toEqual([undefined, 'end']);
      await run.ended();
      expect(run.upstream.calls).toBe(calls);
      expect(run.told('fault.applied')).toHaveLength(1);
    });

    it.each([
      ['close', 'end'],
      ['abrupt', 'end'],
    ])('%s after 700 bytes of the answer: exactly so many arrive', async (how, ended) => {
      const run = await faultyBench(start, { kind: 'disconnect', how, at: { bytes_down: '700B' } });
      const seen = await timedCall(run.bench);
      expect([seen.complete, seen.ended]).toEqual([false, ended]);
      expect(seen.arrivals.reduce((sum, { text }) => sum + text.length, 0)).toBe(700);
      expect(run.told('fault.applied')).toEqual([`${how} after 700 bytes down`]);
    });

    it('closed after bytes of the request: the API never gets it whole', async () => {
      const run = await faultyBench(start, { kind: 'disconnect', how: 'close', at: { bytes_up: '40000B' } });
      const seen = await curl(run.bench, ['-H', 'Expect:', '--data-binary', '@-', url('/v1/messages')], {
        input: Buffer.alloc(200_000, 'u'),
      });
      expect(seen.code, seen.stderr).not.toBe(0);
      expect(seen.stdout).toHaveLength(0);
      await run.ended();
      expect(run.told('fault.applied')).toEqual(['close after 40000 bytes up']);
    });

    it('closed while idle: the call succeeds, and the connection ends after it', async () => {
      const run = await faultyBench(start, { kind: 'disconnect', how: 'close', at: { idle: '100ms' } });
      const { body } = await nodeCall(tunnelAgent(run.bench), { path: '/v1/messages' });
      expect(body.toString()).toBe(STREAM);
      await expect.poll(() => [...run.told('fault.applied'), ...run.told('fault.skipped')]).toHaveLength(1);
    });
  });
}

/** Connections that fail before they carry a call, inside a tunnel: done, or skipped with the reason. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { nodeCall as tappedCall } from '../network-bench.ts';
import { openTap, type Tapped } from '../tap.ts';
import type { StartCaller } from './bench.ts';
import { curl, url, VERSIONS } from './curl.ts';
import { type FaultyBench, faultyBench, STREAM } from './faulty.ts';
import { openSecure } from './node-client.ts';

/** Exit codes of curl: its handshake failed; a certificate that it does not trust. */
const HANDSHAKE_FAILED = 35;
const NOT_TRUSTED = 60;

/** Long enough for something to come, if anything were to. */
const NOTHING_MS = 200;

const POINTS = [
  ['accept', 'before the first byte was read'],
  ['tls-hello', 'after the TLS hello'],
  ['handshake', 'after the TLS handshake'],
] as const;

/** A close_notify went by: an alert, sealed under TLS 1.3, where session tickets may still follow it. */
function saidGoodbye(tapped: Tapped, version: 'TLSv1.2' | 'TLSv1.3'): boolean {
  return tapped
    .records()
    .some(({ type, length }) => (version === 'TLSv1.2' ? type === 21 : type === 23 && length === 19));
}

/** What was told of the connection, once something was. */
async function told(run: FaultyBench): Promise<readonly (readonly string[])[]> {
  const all = (): readonly (readonly string[])[] => [run.told('fault.applied'), run.told('fault.skipped')];
  await expect.poll(() => all().flat().length, { timeout: 5_000 }).toBeGreaterThan(0);
  return all();
}

export function describeBrokenConnections(start: StartCaller): void {
  describe.each(VERSIONS)('connections that break, %s', (name, version) => {
    const tls = name === 'TLS 1.2' ? 'TLSv1.2' : 'TLSv1.3';
    const post = [...version, '-d', '{}', url('/v1/messages')];

    describe.each(POINTS)('at %s', (at, where) => {
      it.each([
        ['close', at === 'handshake'],
        ['abrupt', false],
      ])('%s: FIN, close_notify %s, and no call', async (how, notify) => {
        const run = await faultyBench(start, { kind: 'connect-failure', how, at });
        const tap = await openTap(run.bench.caller.port);
        const seen = await tappedCall(tap, tls);
        expect(seen.text).toBe('');
        const tapped = await tap.first();
        expect(await tapped.ended).toBe('FIN');
        expect(saidGoodbye(tapped, tls)).toBe(notify);
        expect(await told(run)).toEqual([[`${how} ${where}`], []]);
        expect(run.upstream.calls).toBe(0);
      });

      it('hang: nothing comes, and the client gives up', async () => {
        const run = await faultyBench(start, { kind: 'connect-failure', how: 'hang', at });
        const until = told(run).then(() => pause(NOTHING_MS));
        const seen = await curl(run.bench, post, { until });
        // It waited still, and was ended.
        expect([seen.code, seen.stdout.toString()], seen.stderr).toEqual([null, '']);
        expect(await told(run)).toEqual([[`hang ${where}`], []]);
        expect(run.upstream.calls).toBe(0);
      });

      it.each(['reset', 'half-close'])('%s: skipped, and the call succeeds', async (how) => {
        const run = await faultyBench(start, { kind: 'connect-failure', how, at });
        const seen = await curl(run.bench, post);
        expect([seen.code, seen.stdout.toString()], seen.stderr).toEqual([0, STREAM]);
        expect(await told(run)).toEqual([
          [],
          [expect.stringContaining('a tunnel of the fault proxy cannot')],
        ]);
      });
    });

    it.each([
      ['expired', NOT_TRUSTED, /expired/],
      ['wrong-host', NOT_TRUSTED, /no alternative certificate subject name/],
      ['untrusted', NOT_TRUSTED, /unable to get (local )?issuer|self.signed/],
      ['self-signed', NOT_TRUSTED, /self.signed/],
      ['old-protocol', HANDSHAKE_FAILED, /protocol version/],
      ['alert', HANDSHAKE_FAILED, /handshake failure/],
    ])('TLS %s: curl refuses with %i', async (flaw, code, message) => {
      const run = await faultyBench(start, { kind: 'tls', flaw });
      const seen = await curl(run.bench, post);
      expect(seen.code, seen.stderr).toBe(code);
      expect(seen.stderr).toMatch(message);
      expect((await told(run))[1]).toEqual([]);
      expect(run.upstream.calls).toBe(0);
    });

    it('a slow accept: the handshake waits', async () => {
      const run = await faultyBench(start, { kind: 'slow-accept', delay: '300ms' });
      const began = performance.now();
      await openSecure(run.bench, { minVersion: tls, maxVersion: tls });
      expect(performance.now() - began).toBeGreaterThan(280);
      expect(await told(run)).toEqual([['delay 300 ms after accept'], []]);
    });

    it('a refused tunnel: fault answers CONNECT itself, so it is skipped', async () => {
      const run = await faultyBench(start, { kind: 'refuse-connect', status: 407 });
      const seen = await curl(run.bench, post);
      expect([seen.code, seen.stdout.toString()], seen.stderr).toEqual([0, STREAM]);
      expect(await told(run)).toEqual([[], [expect.stringContaining('`refuse` does not fit')]]);
    });
  });
}

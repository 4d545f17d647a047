/** What an SDK does in a tunnel of the fault proxy: the script that every client passes, retry-after, and errors in streams. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientTraits, describeClient } from './describe-client.ts';
import { clientReports, type Report } from './run-program.ts';
import { startTunnelLab, type TunnelLab } from './tunnel-lab.ts';

export interface TunnelClientTraits extends Omit<ClientTraits, 'routes'> {
  /** What becomes of an `error` event amid a stream. */
  readonly streamError: Report['error'];
}

/** Seconds; whole ones are all that retry-after can say. */
const RETRY_AFTER = 1;

export function describeTunnelClient(title: string, traits: TunnelClientTraits): void {
  describeClient(title, { ...traits, routes: ['a tunnel of fault'] });

  describe(`${title} through a tunnel of fault`, () => {
    let lab: TunnelLab;
    let reports: readonly Report[];

    beforeAll(async () => {
      lab = await startTunnelLab([
        { trigger: { nth: [1] }, fault: { kind: 'http-error', status: 429, retry_after: RETRY_AFTER } },
        { trigger: { nth: [3] }, fault: { kind: 'stream-error', after: { events: 4 } } },
      ]);
      reports = await clientReports(traits.program(), ['json-retry', 'stream-once', 'json-once'], lab.env);
    }, 60_000);
    afterAll(() => lab?.close());

    it('waits before its retry as long as retry-after says', () => {
      expect(reports[0]).toMatchObject({ ok: true });
      const [first, second] = lab.requests;
      const waited = second!.at - first!.at;
      expect(waited).toBeGreaterThanOrEqual(RETRY_AFTER * 1000 - 5);
      // Its own back-off would have been shorter, and nothing is to come on top of what it was told.
      expect(waited).toBeLessThan(RETRY_AFTER * 1000 + 900);
    });

    it('reports an error that comes amid the stream, and makes the next call', () => {
      expect(reports[1]).toMatchObject({ ok: false, error: traits.streamError });
      expect(reports[2]).toMatchObject({ ok: true });
      expect(lab.outcomes).toEqual(['429 injected', '200 upstream', '200 upstream', '200 upstream']);
    });

    it('costs the API nothing but the calls that pass, and HEADs', () => {
      const calls = lab.upstream.filter((line) => line !== 'HEAD /');
      expect(calls).toEqual(new Array(3).fill('POST /v1/messages'));
    });
  });
}

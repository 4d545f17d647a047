/** Every fault on calls that the catalogue has, with its example, in a tunnel: applied and seen, or skipped and said. */
import { describe, expect, it } from 'vitest';
import { faultCatalogue } from '../../../src/core/faults/catalogue.ts';
import {
  actsOnBodies,
  CALL_FAULTS,
  changesOf,
  keepsTheBody,
  MESSAGE_JSON,
  streamFixture,
} from '../catalogue-play.ts';
import { fastClock } from '../fast-clock.ts';
import type { StartCaller } from './bench.ts';
import { eventsOf, faultyBench, STREAM, timedCall } from './faulty.ts';

/** What a tunnel cannot do, by the faults whose examples want it. */
const SKIPPED: Readonly<Record<string, RegExp>> = {
  disconnect: /cannot be reset, only closed/,
  'body-huge': /3\.8 MB at most/,
};

const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

export function describeCatalogue(start: StartCaller): void {
  describe.each([
    ['piece by piece', 2],
    ['in one piece', 0],
  ])('faults on answers that come %s', (_name, everyMs) => {
    it.each(CALL_FAULTS)('%s', async (kind) => {
      const onBodies = actsOnBodies(kind);
      const whole = onBodies
        ? MESSAGE_JSON
        : kind === 'thinking-signature'
          ? streamFixture('thinking')
          : STREAM;
      const run = await faultyBench(
        start,
        { kind, ...(faultCatalogue.get(kind)?.example as object) },
        {
          pieces: onBodies || everyMs === 0 ? [whole] : eventsOf(whole),
          everyMs,
          json: onBodies,
          plugin: { clock: fastClock(40) },
        },
      );
      const calling = timedCall(run.bench);
      await expect
        .poll(() => run.events.some(({ type }) => type === 'fault.applied' || type === 'fault.skipped'))
        .toBe(true);
      const why = SKIPPED[kind];
      if (changesOf(kind) === 'nothing') {
        const silence = new Promise((resolve) => setTimeout(resolve, 150, 'nothing'));
        expect(await Promise.race([calling, silence])).toBe('nothing');
        return;
      }
      const { body, complete, head } = await calling;
      await run.ended();
      expect(run.told('fault.skipped')).toEqual(why ? [expect.stringMatching(why)] : []);
      expect(run.told('fault.applied').length > 0).toBe(why === undefined);
      const untouched = body === whole && complete && head?.status === 200;
      if (keepsTheBody(kind)) expect(body.replaceAll(PING, '')).toBe(whole.replaceAll(PING, ''));
      else expect(untouched).toBe(why !== undefined);
      expect(run.events.filter(({ type }) => type === 'exchange.error')).toEqual([]);
    });
  });
}

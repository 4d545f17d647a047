/** Every fault of the catalogue with its example, through real sockets, in each mode, on each coding. */
import { describe, expect, it } from 'vitest';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import {
  actsOnBodies,
  CALL_FAULTS,
  changesOf,
  keepsTheBody,
  MESSAGE_JSON,
  streamFixture,
} from '../support/catalogue-play.ts';
import { fastClock } from '../support/fast-clock.ts';
import { call } from '../support/http-call.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { CODINGS, sseUpstream } from '../support/sse-upstream.ts';

/** A stream that has everything a fault may look for: thinking, text and a tool call. */
const STREAM: Record<string, string> = { 'thinking-signature': streamFixture('thinking') };
const DEFAULT_STREAM = streamFixture('tool-use');

describe.each(MODES)('every fault, %s', (mode) => {
  describe.each(CODINGS)('%s', (coding) => {
    it.each(CALL_FAULTS)('%s', async (kind) => {
      const example = faultCatalogue.get(kind)?.example as object;
      const whole = actsOnBodies(kind) ? MESSAGE_JSON : (STREAM[kind] ?? DEFAULT_STREAM);
      const chunks = actsOnBodies(kind) ? [whole] : (whole.match(/[\s\S]{1,400}/g) ?? []);
      const upstream = await sseUpstream(coding, chunks, { json: actsOnBodies(kind) });
      const proxy = await testProxy({
        upstream: { kind: 'url', url: upstream.url },
        upstreamCa: upstream.ca,
        clock: fastClock(1000),
        rules: compileRules([{ name: 'all', fault: { kind, ...example } }], { seed: '1', messages: 'real' }),
      });
      const client = await openClient(mode, proxy);
      atEnd(() => client.raw.destroy());
      const calling = call(
        client,
        '/v1/messages',
        '{"model":"claude-opus-5-5","stream":true}',
        `Accept-Encoding: ${coding}\r\n`,
      );
      const applied = await proxy.event('fault.applied');
      expect(applied).toMatchObject({ rule: 'all', fault: kind });
      if (changesOf(kind) === 'nothing') {
        expect(
          await Promise.race([calling, new Promise((resolve) => setTimeout(resolve, 50, 'nothing'))]),
        ).toBe('nothing');
        return;
      }
      const { body, complete, head } = await calling;
      const untouched = body === whole && complete && head?.status === 200;
      if (keepsTheBody(kind))
        expect(body.replaceAll('event: ping\ndata: {"type": "ping"}\n\n', '')).toBe(
          whole.replaceAll('event: ping\ndata: {"type": "ping"}\n\n', ''),
        );
      else expect(untouched).toBe(false);
      await proxy.event('exchange.ended');
      expect(proxy.events.filter(({ type }) => type === 'fault.skipped')).toEqual([]);
      expect(proxy.events.filter(({ type }) => type === 'exchange.error')).toEqual([]);
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { Effect, StreamFilter, StreamOp } from '../../src/core/effect.ts';
import { call } from '../support/http-call.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { testRules } from '../support/rules.ts';
import { CODINGS, type Coding, sseUpstream } from '../support/sse-upstream.ts';

const EVENTS = Array.from({ length: 12 }, (_, i) => `event: e${i}\r\ndata: {"n":${i},"t":"é🙂"}\r\n\r\n`);
const WHOLE = EVENTS.join('');

/** A filter that does `ops` in the place of the event at `index`, and lets all others pass. */
function at(index: number, ops: readonly StreamOp[]): Effect {
  return {
    do: 'filter',
    open: (): StreamFilter => {
      let seen = 0;
      let applied = false;
      return {
        onEvent: (event) => {
          if (seen++ !== index) return [{ op: 'emit', event }];
          applied = true;
          return [{ op: 'applied', note: 'done' }, ...ops];
        },
        onEnd: (rest) => (rest.length > 0 ? [{ op: 'bytes', bytes: rest }] : []),
        skipped: () => (applied ? undefined : `the stream had ${seen} events`),
      };
    },
  };
}

describe.each(MODES)('stream effects, %s', (mode) => {
  describe.each(CODINGS)('on a %s upstream', (coding: Coding) => {
    async function run(
      effects: Effect | readonly Effect[],
      chunks: readonly string[] = EVENTS,
      options = {},
    ) {
      const upstream = await sseUpstream(coding, chunks, options);
      const proxy = await testProxy({
        upstream: { kind: 'url', url: upstream.url },
        upstreamCa: upstream.ca,
        rules: testRules(() => effects),
      });
      const client = await openClient(mode, proxy);
      atEnd(() => client.raw.destroy());
      const result = await call(client, '/v1/messages', '{}', `Accept-Encoding: ${coding}\r\n`);
      if (result.complete && result.ended === 'open') await proxy.event('exchange.ended');
      return { ...result, proxy, client };
    }

    it('a filter that never fires leaves every byte, and is told as skipped', async () => {
      const { body, complete, proxy, head } = await run(at(99, []));
      expect(body).toBe(WHOLE);
      expect(complete).toBe(true);
      expect(head?.headers.get('content-encoding')).toBe(coding === 'identity' ? undefined : coding);
      expect(await proxy.event('fault.skipped')).toMatchObject({ reason: 'the stream had 12 events' });
      expect(proxy.events.some((event) => event.type === 'fault.applied')).toBe(false);
      expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete', cause: null });
    });

    it('frames cut at odd places come whole through the filter', async () => {
      const ascii = EVENTS.map((event) => event.replace(/[^\x00-\x7f]+/g, 'x')).join('');
      const pieces = ascii.match(/[\s\S]{1,7}/g) ?? [];
      expect((await run(at(99, []), pieces)).body).toBe(ascii);
    });

    it('an event more, an event less', async () => {
      const extra = Buffer.from('event: error\ndata: {}\n\n');
      const { body, complete, proxy } = await run(at(5, [{ op: 'bytes', bytes: extra }]));
      expect(body).toBe(EVENTS.with(5, extra.toString()).join(''));
      expect(complete).toBe(true);
      expect(await proxy.event('fault.applied')).toMatchObject({ effect: 'done' });
    });

    it('two filters see each other’s work, in order', async () => {
      const { body } = await run([at(1, []), at(1, [])]);
      expect(body).toBe(EVENTS.filter((_, i) => i !== 1 && i !== 2).join(''));
    });

    it('a clean end in the middle is a complete message, and the connection goes on', async () => {
      const { body, complete, ended, proxy } = await run(at(4, [{ op: 'end', how: 'clean' }]));
      expect(body).toBe(EVENTS.slice(0, 4).join(''));
      expect({ complete, ended }).toEqual({ complete: true, ended: 'open' });
      expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete', cause: 'injected' });
    });

    it.each([
      ['close', 'end'],
      ['abrupt', 'end'],
      ['reset', 'reset'],
    ] as const)('%s in the middle comes after all that was sent before', async (how, seen) => {
      const { body, complete, ended, proxy } = await run(at(4, [{ op: 'end', how }]));
      expect(body).toBe(EVENTS.slice(0, 4).join(''));
      expect({ complete, ended }).toEqual({ complete: false, ended: seen });
      expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', cause: 'injected' });
    });

    it('a wait holds back what follows, and nothing else', async () => {
      const started = performance.now();
      const upstream = run(
        at(4, [
          { op: 'wait', ms: 80 },
          { op: 'bytes', bytes: Buffer.from('x') },
        ]),
      );
      const { body } = await upstream;
      expect(performance.now() - started).toBeGreaterThanOrEqual(79);
      expect(body).toBe([...EVENTS.slice(0, 4), 'x', ...EVENTS.slice(5)].join(''));
    });

    it('a body rewritten has its true length, or keeps the old one and is cut', async () => {
      const json = '{"a":"some text that is long enough"}';
      const rewrite = (length: 'true' | 'kept'): Effect => ({
        do: 'rewrite',
        rewrite: (body) => ({ body: body.subarray(0, 10), length }),
      });
      const whole = await run(rewrite('true'), [json], { json: true });
      expect(whole).toMatchObject({ body: json.slice(0, 10), complete: true, ended: 'open' });
      expect(whole.head?.headers.get('x-injected-fault')).toBe('test/test-fault');
      if (coding !== 'identity') return; // a shorter text is not a shorter gzip
      const cut = await run(rewrite('kept'), [json], { json: true });
      expect(cut).toMatchObject({ body: json.slice(0, 10), complete: false, ended: 'end' });
    });

    it('what does not fit the answer is told as skipped, and the answer passes', async () => {
      const json = '{"a":1}';
      const { body, proxy } = await run(at(0, []), [json], { json: true });
      expect(body).toBe(json);
      expect(await proxy.event('fault.skipped')).toMatchObject({
        reason: expect.stringContaining('no event stream'),
      });
    });

    it('a cut after N bytes counts the head', async () => {
      const { complete, ended, proxy, head } = await run({
        do: 'cut',
        direction: 'down',
        bytes: 400,
        how: 'close',
      });
      expect(head?.status).toBe(200);
      expect({ complete, ended }).toEqual({ complete: false, ended: 'end' });
      expect(await proxy.event('exchange.ended')).toMatchObject({ bytesDown: 400, how: 'fault-end' });
    });

    it('a throttle slows the body and loses nothing', async () => {
      const started = performance.now();
      const { body } = await run({
        do: 'throttle',
        direction: 'down',
        bytesPerSecond: 4_000,
        firstByteMs: 30,
      });
      expect(body).toBe(WHOLE);
      expect(performance.now() - started).toBeGreaterThan(30);
    });
  });
});

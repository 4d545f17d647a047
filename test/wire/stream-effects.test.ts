import { describe, expect, it } from 'vitest';
import type { Effect, StreamFilter, StreamOp } from '../../src/core/effect.ts';
import { streamError } from '../../src/core/faults/stream-error.ts';
import { call } from '../support/http-call.ts';
import { MODES, openClient } from '../support/modes.ts';
import { effectsOf } from '../support/plan.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { testRules } from '../support/rules.ts';
import { CODINGS, type Coding, sseUpstream } from '../support/sse-upstream.ts';

const EVENTS = Array.from({ length: 12 }, (_, i) => `event: e${i}\r\ndata: {"n":${i},"t":"é🙂"}\r\n\r\n`);
const WHOLE = EVENTS.join('');

/** A long text, as the API streams it. */
const LONG = [
  'event: message_start\ndata: {"type":"message_start","message":{}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text"}}\n\n',
  ...Array.from(
    { length: 300 },
    (_, i) =>
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${'é'.repeat(i % 7)}"}}\n\n`,
  ),
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];

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

function threes(events: readonly string[]): string[] {
  return events.flatMap((_, i) => (i % 3 === 0 ? [events.slice(i, i + 3).join('')] : []));
}

/** A filter that does nothing, and has to see no delta; it writes down what it saw and what passed unseen. */
function sparing(seen: string[], passed: { deltas: number; bytes: number }, most: number): Effect {
  return {
    do: 'filter',
    open: (): StreamFilter => ({
      onEvent: (event) => {
        seen.push(String(event.name));
        return [{ op: 'emit', event }];
      },
      spare: () => most,
      passedOver: (deltas, bytes) => {
        passed.deltas += deltas;
        passed.bytes += bytes;
      },
      onEnd: (rest) => (rest.length > 0 ? [{ op: 'bytes', bytes: rest }] : []),
      skipped: () => 'it does nothing',
    }),
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

    it.each([
      ['in one chunk', [LONG.join('')], {}],
      ['one by one', LONG, {}],
      ['in one write, a chunk each', LONG, { together: true }],
      ['in one write, a chunk for three', threes(LONG), { together: true }],
      ['cut at odd places', LONG.join('').match(/[\s\S]{1,999}/g) ?? [], {}],
      ['cut at odd places, in one write', LONG.join('').match(/[\s\S]{1,999}/g) ?? [], { together: true }],
    ])(
      'deltas that no filter has to see pass unseen, and each is counted once: %s',
      async (_, chunks, how) => {
        const seen: [string[], string[]] = [[], []];
        const passed = [0, 0].map(() => ({ deltas: 0, bytes: 0 }));
        const filters = [sparing(seen[0], passed[0]!, 1000), sparing(seen[1], passed[1]!, 5)];
        expect((await run(filters, chunks, how)).body).toBe(LONG.join(''));
        expect(seen[1]).toEqual(seen[0]);
        expect(passed[1]).toEqual(passed[0]);
        expect(passed[0]!.deltas + seen[0].length).toBe(LONG.length);
        expect(seen[0].filter((name) => name !== 'content_block_delta')).toHaveLength(4);
        expect(passed[0]!.deltas).toBeGreaterThan(100);
      },
    );

    it.each([2, 3, 4, 150, 302, 303].flatMap((events) => [false, true].map((each) => ({ events, each }))))(
      'a fault among them comes where it was placed: after $events events (a chunk each: $each)',
      async ({ events, each }) => {
        const plan = effectsOf(streamError, { error: 'overloaded_error', after: { events } });
        const { body } = await run(plan, each ? LONG : [LONG.join('')], { together: true });
        const before = LONG.slice(0, events).join('');
        expect(body.slice(0, before.length)).toBe(before);
        expect(body.slice(before.length)).toMatch(/^event: error\ndata: .*overloaded_error.*\n\n$/);
      },
    );

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

    // A coding leaves no upstream's chunk as it is, and what was cut could not be decoded.
    if (coding === 'identity') {
      it.each(['close', 'abrupt', 'reset'] as const)(
        'a cut (%s) amid deltas that pass unseen takes nothing of what came before it',
        async (how) => {
          const filter = sparing([], { deltas: 0, bytes: 0 }, 1000);
          const cut: Effect = { do: 'cut', direction: 'down', bytes: 9000, how };
          const ascii = LONG.map((event) => event.replaceAll('é', 'e'));
          const { body, complete, proxy } = await run([filter, cut], ascii, { together: true });
          expect(complete).toBe(false);
          expect(ascii.join('').startsWith(body)).toBe(true);
          // All but the head, and the framing of each event.
          expect(body.length).toBeGreaterThan(8000);
          expect(await proxy.event('exchange.ended')).toMatchObject({ bytesDown: 9000, how: 'fault-end' });
        },
      );
    }

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

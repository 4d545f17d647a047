/** What every stream fault keeps to, whatever its parameters and whatever the stream. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, type Played, play, unfolded } from '../../../test/support/play.ts';
import { legalStream } from '../../../test/support/streams.ts';
import { StreamOrder } from '../anthropic/stream-order.ts';
import type { StreamFilter } from '../effect.ts';
import { encodeEvent } from '../sse/encode.ts';
import type { SseEvent } from '../sse/event.ts';
import { faultCatalogue } from './catalogue.ts';
import type { FaultDefinition } from './fault.ts';

/**
 * What a fault may take from a stream, once it was applied.
 * Pings may overtake an event that is held back.
 * - `nothing`: every event goes out as it came, in order; others may come in between
 * - `tail`: some first events (and perhaps a part of the next) go out as they came, then come the fault's own bytes, then the end
 * - a number: that many events, at most, do not go out as they came; all others do, in order
 * - `order`: every event goes out as it came, two of them swapped
 * - `deltas`: input of one tool call may change or go; everything else goes out as it came
 */
type Law = 'nothing' | 'tail' | 'order' | 'deltas' | number;

interface Case {
  readonly kind: string;
  readonly params: Record<string, unknown>;
  readonly law: Law;
  /** Takes a place. */
  readonly placed?: boolean;
  /** The events that go out are a legal stream (perhaps not a whole one). */
  readonly legal?: boolean;
}

const placed = { placed: true };
const legal = { legal: true };

const CASES: readonly Case[] = [
  { kind: 'stream-error', params: { error: 'api_error' }, law: 'tail', ...placed, ...legal },
  ...(['clean', 'close', 'abrupt', 'reset', 'hang', 'half-close'] as const).map(
    (how): Case => ({ kind: 'stream-cut', params: { how }, law: 'tail', ...placed, ...legal }),
  ),
  { kind: 'stream-cut', params: { mid_frame: true }, law: 'tail', ...placed, ...legal },
  { kind: 'stream-stall', params: {}, law: 'tail', ...placed, ...legal },
  { kind: 'stream-stall', params: { for: '3s' }, law: 'nothing', ...placed, ...legal },
  { kind: 'stream-stall', params: { for: '3s', pings: '1s' }, law: 'nothing', ...placed, ...legal },
  ...(['broken-json', 'broken-utf8', 'no-name', 'wrong-index', 'drop', 'glue', 'crlf'] as const).map(
    (how): Case => ({ kind: 'stream-garble', params: { how, count: 1 }, law: 1, ...placed }),
  ),
  { kind: 'stream-garble', params: { how: 'drop', count: 3 }, law: 3, ...placed },
  ...(['unknown-event', 'unknown-delta', 'duplicate'] as const).map(
    (how): Case => ({ kind: 'stream-garble', params: { how }, law: 'nothing', ...placed }),
  ),
  { kind: 'stream-garble', params: { how: 'reorder' }, law: 'order', ...placed },
  ...(['cut', 'corrupt', 'wrong-input'] as const).map(
    (how): Case => ({ kind: 'tool-json', params: { how }, law: 'deltas', ...legal }),
  ),
  { kind: 'tool-json', params: { how: 'unknown-tool' }, law: 1, ...legal },
  { kind: 'stop-reason', params: { reason: 'max_tokens' }, law: 'tail', ...placed, ...legal },
  { kind: 'stop-reason', params: { reason: 'refusal', keep_content: true }, law: 1, ...legal },
  { kind: 'usage', params: { how: 'missing' }, law: 2, ...legal },
  { kind: 'thinking-signature', params: { how: 'corrupt' }, law: 4, ...legal },
  { kind: 'thinking-signature', params: { how: 'missing' }, law: 4, ...legal },
  { kind: 'slow-stream', params: { tokens_per_second: 50, jitter: 0.5 }, law: 'nothing', ...legal },
  { kind: 'body-empty', params: {}, law: 'tail' },
  { kind: 'body-html', params: {}, law: 'tail' },
  { kind: 'body-error', params: {}, law: 'tail' },
];

const place = fc.oneof(
  fc.constantFrom<Record<string, unknown>>(
    {},
    { after: 'message_start' },
    { after: 'first_token' },
    { after: { time: '7ms' } },
    { before: 'first_event' },
    { before: 'first_token' },
    { before: 'message_delta' },
    { before: 'message_stop' },
    { before: 'content_block_stop 1' },
    { after: 'content_block_start 1' },
    { inside: 'text' },
    { inside: 'thinking 2' },
    { inside: 'tool_use' },
  ),
  fc.nat({ max: 12 }).map((events) => ({ after: { events } })),
  fc.nat({ max: 2000 }).map((bytes) => ({ after: { bytes: `${bytes}B` } })),
  fc.integer({ min: 1, max: 40 }).map((text) => ({ after: { text } })),
  fc.integer({ min: 1, max: 50 }).map((tokens) => ({ after: { tokens } })),
);

/** Filter faults of the catalogue that have no case here would escape the laws. */
const faults: ReadonlyMap<string, FaultDefinition> = new Map(
  [...faultCatalogue].flatMap(([kind, fault]) => ('plan' in fault ? [[kind, fault] as const] : [])),
);

function open(each: Case, where: Record<string, unknown>): StreamFilter {
  const params = each.placed ? { ...each.params, ...where } : each.params;
  const filter = effectsOf(faults.get(each.kind)!, params as never).find((effect) => effect.do === 'filter');
  if (filter?.do !== 'filter') throw new Error(`${each.kind} has no filter`);
  return filter.open({ requestId: 'req_011CSHoEeqs5C35K2UUqR7Fy' });
}

function bytesOf(events: readonly SseEvent[]): Buffer {
  return Buffer.concat(events.map((event) => event.raw));
}

/** The events of the input that went out as they came, by identity and in the order in which they went out. */
function kept(events: readonly SseEvent[], { ops }: Played): SseEvent[] {
  const input = new Set(events);
  const seen = new Set<SseEvent>();
  for (const op of ops) if (op.op === 'emit' && input.has(op.event)) seen.add(op.event);
  return [...seen];
}

function obeys(law: Law, events: readonly SseEvent[], played: Played): void {
  const same = kept(events, played);
  const inOrder = events.filter((event) => same.includes(event));
  if (law === 'order') {
    expect(same.length).toBe(events.length);
    const moved = events.filter((event, i) => event !== same[i]).filter(({ name }) => name !== 'ping');
    expect(moved.length).toBe(2);
    return;
  }
  const order = (list: readonly SseEvent[]) =>
    list.filter(({ name }) => name !== 'ping').map((event) => events.indexOf(event));
  alike(order(same), order(inOrder));
  if (law === 'tail') {
    expect(played.end).toBeDefined();
    expect(same.every((event, i) => event === events[i])).toBe(true);
    return;
  }
  expect(played.end).toBeUndefined();
  const lost = events.filter((event) => !same.includes(event));
  if (law === 'nothing') {
    // A stall by bytes splits a frame, which then goes out in two parts and not as an event.
    for (const event of lost)
      expect(played.bytes.includes(Buffer.from(event.raw)) || splitByStall(event, played)).toBe(true);
  } else if (law === 'deltas') {
    expect(new Set(lost.map((event) => event.name)).size).toBeLessThanOrEqual(1);
    for (const event of lost) expect(event.data).toContain('input_json_delta');
    expect(new Set(lost.map((event) => JSON.parse(event.data!).index)).size).toBeLessThanOrEqual(1);
  } else {
    expect(lost.length).toBeLessThanOrEqual(law);
  }
}

function splitByStall(event: SseEvent, { ops }: Played): boolean {
  const parts = ops.filter((op) => op.op === 'bytes');
  return Buffer.concat(parts.map((op) => op.bytes)).equals(event.raw);
}

describe.each(CASES)('$kind $params', (each) => {
  it('does what it says and no more, and the same when deltas that it spares pass unseen', () => {
    fc.assert(
      fc.property(legalStream, place, fc.nat({ max: 3 }), (events, where, every) => {
        const played = play(open(each, where), events, { every });
        alike(play(open(each, where), events, { every, sparing: true }), played);
        const { skipped, notes, bytes } = played;
        if (skipped !== undefined) {
          expect(skipped).not.toBe('');
          alike([notes, played.end, played.waited], [[], undefined, 0]);
          expect(bytes.equals(bytesOf(events))).toBe(true);
          return;
        }
        expect(notes).toHaveLength(1);
        obeys(each.law, events, played);
      }),
      { numRuns: 60 },
    );
  });

  it('gives an event at the latest when the next one is there', () => {
    fc.assert(
      fc.property(legalStream, place, (events, where) => {
        const filter = open(each, where);
        const pings = pingsAmong(events);
        let ended = false;
        let given = 0;
        for (const [i, event] of events.entries()) {
          const ops = unfolded(filter.onEvent(event, 0));
          given += ops.filter((op) => op.op === 'emit' && events.includes(op.event)).length;
          ended ||= ops.some((op) => op.op === 'end' || op.op === 'applied');
          if (ended) return;
          if (i - given > pings) expect.fail(`${i + 1 - given} events are held back`);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('hands on the bytes of an unfinished frame, unless it ended the answer', () => {
    fc.assert(
      fc.property(legalStream, place, (events, where) => {
        const rest = Buffer.from(': an unfinished fra');
        const played = play(open(each, where), events, { rest });
        expect(played.bytes.subarray(-rest.length).equals(rest)).toBe(played.end === undefined);
      }),
      { numRuns: 20 },
    );
  });

  it.each(['text', 'thinking', 'tool-use', 'citations', 'server-tool', 'error-mid-text'])(
    'leaves the %s fixture alone where its place never comes',
    (name) => {
      const events = eventsOf(fixture(name));
      const played = play(open(each, { after: { events: 10_000 } }), events);
      if (each.placed) expect(played.skipped).toMatch(/never after 10000 events/);
      if (played.skipped !== undefined) expect(played.bytes.equals(fixture(name))).toBe(true);
    },
  );

  it('leaves alone what is no Messages stream, or acts and says so', () => {
    const events = ['hello', '{}', '[1]', 'null'].map((data) => encodeEvent(undefined, data));
    const played = play(open(each, {}), events);
    if (played.skipped === undefined) expect(played.notes).toHaveLength(1);
    else expect(played.bytes.equals(bytesOf(events))).toBe(true);
  });
});

describe.each(CASES.filter((each) => each.legal))('$kind $params', (each) => {
  it('keeps the stream legal', () => {
    fc.assert(
      fc.property(legalStream, place, (events, where) => {
        const order = new StreamOrder();
        for (const event of eventsOf(play(open(each, where), events).bytes)) {
          const problem = order.accept(event);
          if (problem !== undefined) expect.fail(problem);
        }
      }),
      { numRuns: 30 },
    );
  });
});

/** As `toEqual`, which takes longer than all that it looks at here: it is asked only to say what differs. */
function alike(got: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(got, wanted)) expect(got).toEqual(wanted);
}

function pingsAmong(events: readonly SseEvent[]): number {
  return events.filter((event) => event.name === 'ping').length;
}

describe('the table of laws', () => {
  it('has every fault that filters streams', () => {
    const filtering = [...faults.values()].filter((fault) => {
      if (fault.phase !== 'exchange') return false;
      return effectsOf(fault, fault.example as never).some((effect) => effect.do === 'filter');
    });
    expect([...new Set(CASES.map(({ kind }) => kind))].sort()).toEqual(
      filtering.map(({ kind }) => kind).sort(),
    );
  });
});

/** The lines of a call that was answered at once: the same as event by event, whatever came before them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { type Phrase, Words } from '../../src/core/phrase.ts';
import { writeCall } from '../../src/observe/call-lines.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { LineBuffer } from '../../src/observe/line-buffer.ts';
import { applied, decided, ended, head, passing } from './sample-events.ts';

const DOES = new Words('rule default fires on its match ');
const COLON = new Words(': ');
const DREW = new Words('drew ');
const BELOW = new Words(', fires below 1');
const PLACE = {};

/** What is told of one such call; anything in it can be changed. */
interface Told {
  readonly exchange?: number;
  readonly nth?: number;
  readonly ordinal?: number;
  readonly at?: number;
  readonly draw?: number;
  readonly ms?: number;
  readonly up?: number;
  readonly down?: number;
  readonly phrase?: Phrase;
  readonly decided?: object;
  readonly applied?: object;
  readonly head?: object;
  readonly ended?: object;
}

function call(told: Told = {}): ProxyEvent[] {
  const { exchange = 123_456, nth = 12_345, ordinal = exchange, at = 1_790_000_012_345, ms = 0.456 } = told;
  const { draw = 0.7969, up = 806, down = 477 } = told;
  const phrase = told.phrase ?? [DOES, nth, COLON, [DREW, draw, BELOW]];
  const rule = { rule: 'default', faults: ['http-error'] };
  const answer = { at, ms, status: 529, source: 'injected' as const };
  return [
    decided(exchange, { at, nth, ordinal, phrase, place: PLACE, ...rule, ...told.decided }),
    applied(exchange, { at, ...told.applied }),
    head(exchange, { ...answer, ...told.head }),
    ended(exchange, { ...answer, cause: 'injected', bytesUp: up, bytesDown: down, ...told.ended }),
  ];
}

const oneByOne = (events: readonly ProxyEvent[]) => events.map(encodeEvent).join('');

/** As {@link writeCall} writes them, which must take all of them. */
function written(events: readonly ProxyEvent[]): string {
  const out = new LineBuffer(64);
  out.raw('before\n');
  expect(writeCall(out, events, 0)).toBe(true);
  expect(out.bytes.subarray(0, 7).toString()).toBe('before\n');
  return out.bytes.subarray(7).toString();
}

/** Makes the lines of such a call be kept, and taken. */
function keep(told: Told = {}): void {
  for (let i = 0; i < 40; i++) written(call(told));
  expect(isTaken(call(told))).toBe(true);
}

/** Whether kept lines are taken: then no event is read by itself, so that none is turned into text. */
function isTaken(events: readonly ProxyEvent[]): boolean {
  let read = 0;
  const [first, ...others] = events as [ProxyEvent, ...ProxyEvent[]];
  // The host is known by the place, and so read only where a line is put together.
  const watched = Object.defineProperty({ ...first }, 'host', {
    enumerable: true,
    get: () => {
      read++;
      return 'api.anthropic.com';
    },
  });
  written([watched, ...others]);
  return read === 0;
}

describe('lines of a call that was answered at once', () => {
  it('are kept from the second call to one place on, and taken for the next', () => {
    const place = {};
    const told = { decided: { place, connection: 77 }, applied: { connection: 77 } };
    expect([1, 2, 3, 4].map(() => isTaken(call(told)))).toEqual([false, false, true, true]);
  });

  it('are the same as event by event, whatever the numbers', () => {
    const count = fc.oneof(
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 12_000, max: 14_000 }),
      fc.constantFrom(0, 999, 1000, 1001, 9999, 10_000, 99_999, 100_000, 2 ** 31, 2 ** 53 - 1),
    );
    const ms = fc.oneof(
      fc.double({ min: 0, max: 12, noNaN: true }),
      fc.constantFrom(0, 0.0004, 0.001, 0.56, 0.9996, 1, 1.9999, 9.9994, 9.9996, 1e7),
    );
    const draw = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 10_000 }).map((n) => n / 10_000),
      fc.constantFrom(0, 1, 0.5, 0.25, 0.10005, 0.99995, 0.00005, 1e-9),
    );
    const at = fc.oneof(
      fc.integer({ min: 1_789_999_990_000, max: 1_790_000_020_000 }),
      fc.constantFrom(0, 999, 1000, 1_790_000_000_000.5),
    );
    const told = fc.record(
      { exchange: count, nth: count, ordinal: count, at, draw, ms, up: count, down: count },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 20 }), (calls) => {
        keep();
        for (const one of calls) expect(written(call(one))).toBe(oneByOne(call(one)));
      }),
    );
  });

  it('are taken while numbers count up', () => {
    keep();
    for (let i = 0; i < 2500; i++) {
      const counted = { exchange: 123_500 + i, nth: 12_400 + i, at: 1_790_000_012_400 + i };
      const sizes = { up: 100 + (i % 900), down: 100 + ((7 * i) % 900) };
      const events = call({ ...counted, ...sizes, draw: (1 + ((7 * i) % 9999)) / 10_000 });
      expect(isTaken(events)).toBe(true);
      expect(written(events)).toBe(oneByOne(events));
    }
  });

  it('tell a reason without a draw', () => {
    const says = (nth: number, words: Words) => ({ nth, phrase: [DOES, nth, COLON, words] });
    const ALWAYS = new Words('fires always');
    keep(says(5000, ALWAYS));
    expect(isTaken(call(says(5001, ALWAYS)))).toBe(true);
    for (const one of [says(5002, ALWAYS), {}, says(5003, ALWAYS), says(5004, BELOW), says(5005, ALWAYS)])
      expect(written(call(one))).toBe(oneByOne(call(one)));
  });

  it.each<Told>([
    { phrase: [DOES, 12_346, COLON, [DREW, 0.7969, BELOW]] },
    { phrase: [new Words('rule a lets pass on '), 12_345, COLON, [DREW, 0.7969, BELOW]] },
    { phrase: [DOES, 12_345, new Words(' - '), [DREW, 0.7969, BELOW]] },
    { phrase: [DOES, 12_345, COLON, [new Words('got '), 0.7969, BELOW]] },
    { phrase: [DOES, 12_345, COLON, [DREW, 0.7969, new Words(', fires below 2')]] },
    { phrase: [DOES, 12_345, COLON, [DREW, 0.7969, BELOW, BELOW]] },
    { phrase: [DOES, 12_345, COLON, [DREW, BELOW, BELOW]] },
    { phrase: [DOES, 12_345, COLON, 'a text'] },
    { phrase: [DOES, 12_345, COLON, BELOW] },
    { phrase: [DOES, 12_345, COLON] },
    { phrase: 'a text' },
    { decided: { phrase: undefined, why: 'another reason' } },
    { decided: { connection: 3 + 64 } },
    { decided: { connection: 3 + 64 }, applied: { connection: 3 + 64 } },
    { decided: { attempt: 256 } },
    { decided: { attempt: 1 } },
    { decided: { client: 'abcdef012346' } },
    { decided: { model: 'a' } },
    { decided: { stream: true } },
    { decided: { rule: 'other' } },
    { decided: { rule: 'other' }, applied: { rule: 'other' } },
    { decided: { faults: ['other'] } },
    { decided: { faults: ['http-error', 'delay'] } },
    { decided: { skipped: [{ rule: 'a', fault: 'b', reason: 'c' }] } },
    { decided: { place: {}, host: 'localhost', path: '/v1/other' } },
    { decided: { place: undefined, host: 'localhost', path: '/v1/other' } },
    { applied: { exchange: 123_457 } },
    { applied: { at: 1_790_000_012_346 } },
    { applied: { connection: 4 } },
    { applied: { rule: 'other' } },
    { applied: { fault: 'other' } },
    { applied: { effect: 'respond 528' } },
    { head: { exchange: 123_457 } },
    { head: { at: 1_790_000_012_346 } },
    { head: { ms: 0.455 } },
    { head: { status: 528 } },
    { head: { source: 'upstream' } },
    { ended: { exchange: 123_457 } },
    { ended: { at: 1_790_000_012_346 } },
    { ended: { ms: 0.455 } },
    { ended: { how: 'fault-end' } },
    { ended: { cause: null } },
    { ended: { status: 528 } },
    { ended: { source: 'upstream' } },
  ])('see what differs from the last call: %j', (told) => {
    for (const one of [{}, told, {}]) {
      if (one !== told) keep();
      expect(written(call(one))).toBe(oneByOne(call(one)));
    }
  });

  it.each<Told>([
    { at: 999 },
    { exchange: 12, ordinal: 123_456 },
    { nth: 7 },
    { ordinal: 999 },
    { draw: 0 },
    { draw: 0.5 },
    { draw: 1 },
    { ms: 0 },
    { ms: 1 },
    { ms: 12.5 },
  ])('are not kept where digits are missing: %j', (told) => {
    const place = {};
    const one = () => call({ ...told, decided: { place } });
    for (let i = 0; i < 40; i++) expect(written(one())).toBe(oneByOne(one()));
    const other = call({ decided: { place } });
    for (const events of [other, one(), other]) expect(written(events)).toBe(oneByOne(events));
  });

  it('are for calls of four events that follow each other alone', () => {
    const out = new LineBuffer(64);
    const events = call();
    const mixed = [events[0]!, events[2]!, events[1]!, events[3]!];
    for (const others of [passing(1), [...passing(1), ...passing(2)], events.slice(0, 3), mixed, []])
      expect(writeCall(out, others, 0)).toBe(false);
    expect(writeCall(out, [...passing(1), ...events.slice(0, 3)], 3)).toBe(false);
    expect(out.length).toBe(0);
  });

  it('are found where a text looks like a member', () => {
    const path = '/v1/"exchange":1,"why":"';
    const told = { decided: { path, place: {}, client: '"ms":', connection: 5 }, applied: { connection: 5 } };
    for (let i = 0; i < 5; i++) {
      const events = call({ ...told, exchange: 5000 + i });
      expect(written(events)).toBe(oneByOne(events));
    }
  });

  it('are not kept each time where no two calls are alike', () => {
    const place = {};
    const model = (i: number) =>
      call({ decided: { place, connection: 9, model: `m${i}` }, applied: { connection: 9 } });
    for (let i = 0; i < 20; i++) expect(written(model(i))).toBe(oneByOne(model(i)));
    const alike = Array.from({ length: 40 }, () => isTaken(model(-1)));
    expect(alike.indexOf(true)).toBeGreaterThan(1);
  });
});

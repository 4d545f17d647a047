/** The hand-written encoder says the same as JSON.stringify. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { type Phrase, phraseText, Words } from '../../src/core/phrase.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { applied, decided, ended, failed, head, notice, skippedFault } from './sample-events.ts';

const parsed = (event: ProxyEvent) => JSON.parse(encodeEvent(event)) as ProxyEvent;
const rounded = (ms: number) => Math.round(ms * 1000) / 1000;
const text = fc.string({ unit: 'binary' });
const count = fc.nat();
/** Any moment of this century, and odd ones. */
const at = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
  fc.constantFrom(0, 1, 999, 1000, 1001, 1_790_000_000_000.5),
);
const ms = fc.oneof(
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.constantFrom(0, 0.0004, 0.9996, 1.9999, 1_999_999.9996),
);

describe('encodeEvent', () => {
  it('writes no character that a terminal acts on, or that hides', () => {
    const bad = '\u0085\u009b31m\u00ad\u200b\u202e\u2066\ufeff\u{e0041}\u3164\u2028';
    const fields = { path: `/${bad}`, model: bad, why: bad };
    const skipped = [{ rule: bad, fault: bad, reason: bad }];
    const events = [decided(1, { ...fields, skipped }), applied(1, { effect: bad }), notice('x', bad)];
    for (const event of events) {
      expect(encodeEvent(event)).toMatch(/^[\x20-\x7e]+\n$/);
      expect(parsed(event)).toEqual(JSON.parse(JSON.stringify(event)));
    }
  });

  it('gives every field of a decision', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            at,
            exchange: count,
            method: text,
            host: text,
            path: text,
            why: text,
            rule: fc.option(text),
            model: text,
            stream: fc.boolean(),
            faults: fc.array(text),
            skipped: fc.array(fc.record({ rule: text, fault: text, reason: text })),
          },
          { requiredKeys: ['at'] },
        ),
        (change) => {
          const event = decided(1, change);
          expect(parsed(event)).toEqual(JSON.parse(JSON.stringify(event)));
        },
      ),
    );
  });

  it('gives every field of the others', () => {
    fc.assert(
      fc.property(
        at,
        ms,
        text,
        fc.constantFrom(null, 'injected' as const, 'natural' as const),
        (at, ms, words, cause) => {
          for (const event of [
            applied(1, { at, effect: words, rule: words, fault: words }),
            skippedFault(1, words),
            failed(1, 'io', words),
            notice('x', words),
          ])
            expect(parsed(event)).toEqual(JSON.parse(JSON.stringify(event)));
          expect(parsed(head(1, { at, ms }))).toEqual(head(1, { at, ms: rounded(ms) }));
          expect(parsed(ended(1, { at, ms, cause }))).toEqual(ended(1, { at, ms: rounded(ms), cause }));
        },
      ),
    );
  });

  it('prints the reason of a decision from its parts', () => {
    const SAID = new Words('said "often"');
    const parts = fc.letrec<{ phrase: Phrase }>((tie) => ({
      phrase: fc.oneof(
        { maxDepth: 3 },
        text,
        text.map((value) => new Words(value)),
        fc.constantFrom(SAID),
        fc.double({ min: 0, max: 1, noNaN: true }),
        count,
        fc.array(tie('phrase')),
      ),
    })).phrase;
    fc.assert(
      fc.property(parts, (phrase) => {
        const { why } = parsed(decided(1, { phrase })) as { why: string };
        expect(why).toBe(Buffer.from(phraseText(phrase)).toString());
      }),
    );
  });

  it.each<readonly [(change: object) => ProxyEvent, object]>([
    [
      (change) => decided(1, change),
      {
        at: 1_790_000_000_001,
        exchange: 2,
        connection: 4,
        via: 'origin',
        tls: false,
        method: 'PATC',
        host: 'api.anthropic.dev',
        port: 444,
        path: '/v1/massages',
        model: 'a',
        stream: false,
        attempt: 1,
        client: 'abcdef012346',
        rule: 'a',
        nth: 1,
        ordinal: 2,
        faults: ['a'],
        why: 'no rule found',
        skipped: [{ rule: 'a', fault: 'b', reason: 'c' }],
      },
    ],
    [
      (change) => applied(1, change),
      { connection: 4, rule: 'defaulu', fault: 'http-errot', effect: 'respond 528' },
    ],
    [(change) => head(1, { ms: 2, ...change }), { status: 208, source: 'injected', ms: 7 }],
    [
      (change) => ended(1, change),
      {
        how: 'fault-end',
        cause: 'injected',
        status: 208,
        source: 'injected',
        bytesUp: 7,
        bytesDown: 8,
        ms: 9,
      },
    ],
  ])('sees each member that differs from the line before', (make, changes) => {
    for (const [member, value] of Object.entries(changes))
      for (const one of [make({}), make({ [member]: value }), make({})])
        expect(parsed(one)).toEqual(JSON.parse(JSON.stringify(one)));
  });

  it.each([
    [{ attempt: 0 }, { attempt: 64 }],
    [{ faults: ['a'] }, { faults: ['b'] }],
    [{ rule: 'a' }, { rule: 'b' }],
    [{ client: 'abcdef012345' }, { client: 'abcdef543210' }],
  ])('tells calls apart that are kept in one place: %o, %o', (one, other) => {
    for (const event of [decided(1, one), decided(2, other), decided(3, one)])
      expect(parsed(event)).toEqual(JSON.parse(JSON.stringify(event)));
  });

  it('leaves out the number of a try that nobody counted', () => {
    const first = decided(1, { attempt: 0 });
    const unknown = { ...decided(2), attempt: undefined } as unknown as ProxyEvent;
    for (const event of [first, unknown, first, unknown])
      expect(parsed(event)).toEqual(JSON.parse(JSON.stringify(event)));
    expect(parsed(unknown)).not.toHaveProperty('attempt');
  });

  it('mistakes no call for another of its kind', () => {
    const name = fc.constantFrom('a', 'b', 'aaaaaaaaa', '"');
    const call = fc
      .record({
        path: name,
        method: name,
        host: name,
        port: fc.constantFrom(443, 80),
        via: fc.constantFrom('connect' as const, 'origin' as const),
        tls: fc.boolean(),
        model: fc.option(name, { nil: undefined }),
        stream: fc.option(fc.boolean(), { nil: undefined }),
        client: name,
        rule: fc.option(name),
        faults: fc.array(name, { maxLength: 2 }),
        skipped: fc.array(fc.record({ rule: name, fault: name, reason: name }), { maxLength: 1 }),
        why: name,
      })
      .map((change) => decided(1, change as Parameters<typeof decided>[1]));
    const source = fc.constantFrom('injected' as const, 'upstream' as const);
    const status = fc.constantFrom(200, 529, 208);
    const cause = fc.constantFrom(null, 'injected' as const, 'natural' as const);
    const how = fc.constantFrom('complete' as const, 'fault-end' as const);
    const event = fc.oneof(
      call,
      fc.record({ rule: name, fault: name, effect: name }).map((change) => applied(1, change)),
      fc.record({ status, source }).map((change) => head(1, { ...change, ms: 2 })),
      fc.record({ status, source, cause, how }).map((change) => ended(1, { ...change, ms: 2 })),
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 2, maxLength: 20 }), (events) => {
        for (const one of events) expect(parsed(one)).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  it('never breaks the line', () => {
    const line = encodeEvent(decided(1, { path: '/a\nb\u2028"\\', why: '\u0000' }));
    expect(line.slice(0, -1)).not.toMatch(/[\n\r\0]/);
    expect(line.at(-1)).toBe('\n');
  });
});

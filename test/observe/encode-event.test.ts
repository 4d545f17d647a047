/** The hand-written encoder says the same as JSON.stringify. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { applied, decided, ended, failed, head, notice, skippedFault } from './sample-events.ts';

const parsed = (event: ProxyEvent) => JSON.parse(encodeEvent(event)) as ProxyEvent;
const rounded = (ms: number) => Math.round(ms * 1000) / 1000;
const text = fc.string({ unit: 'binary' });
const count = fc.nat();
/** Any moment of this century, and odd ones. */
const at = fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.constantFrom(0, 1, 999, 1000, 1001));
const ms = fc.oneof(
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.constantFrom(0, 0.0004, 0.9996, 1.9999, 1_999_999.9996),
);

describe('encodeEvent', () => {
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

  it('never breaks the line', () => {
    const line = encodeEvent(decided(1, { path: '/a\nb\u2028"\\', why: '\u0000' }));
    expect(line.slice(0, -1)).not.toMatch(/[\n\r\0]/);
    expect(line.at(-1)).toBe('\n');
  });
});

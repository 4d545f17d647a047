/** What is put together as bytes reads as what was put. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phraseText } from '../../src/core/phrase.ts';
import {
  LineBuffer,
  NUMBER_ROOM,
  pieceOf,
  putMilliseconds,
  putNumber,
  putPiece,
  putShortNumber,
  putThreeDigits,
} from '../../src/observe/line-buffer.ts';

/** As it comes out of UTF-8: half a character is none. */
const utf8 = (value: string) => Buffer.from(value).toString();
const text = fc.string({ unit: 'binary', maxLength: 200 });

interface Part {
  readonly expected: string;
  write(to: LineBuffer): void;
}

const putting = (
  expected: string,
  put: (view: DataView, at: number) => number,
  room = NUMBER_ROOM,
): Part => ({
  expected,
  write: (to) => {
    to.length = put(to.reserve(to.length, room), to.length);
  },
});
const printed = ({ write }: Part) => {
  const buffer = new LineBuffer(1);
  write(buffer);
  return buffer.bytes.toString();
};
const number = (value: number) => putting(JSON.stringify(value), (view, at) => putNumber(view, at, value));
const short = (value: number) => putting(phraseText(value), (view, at) => putShortNumber(view, at, value));

describe('LineBuffer', () => {
  it('holds what was written in order, however little room it began with', () => {
    const part = fc.oneof(
      text.map((value): Part => ({ expected: utf8(value), write: (to) => to.raw(value) })),
      text.map((value) => {
        const piece = pieceOf(value);
        return putting(utf8(value), (view, at) => putPiece(view, at, piece), piece.room);
      }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => number(value === 0 ? 0 : value)),
      fc.integer({ min: -1, max: 0x1_0000_0000 }).map(number),
      fc.double({ min: 0, max: 1, noNaN: true }).map(short),
      fc
        .nat(999)
        .map((value) =>
          putting(String(value).padStart(3, '0'), (view, at) => putThreeDigits(view, at, value)),
        ),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const buffer = new LineBuffer(1);
        for (const { write } of parts) write(buffer);
        const expected = Buffer.from(parts.map((one) => one.expected).join(''));
        expect(buffer.bytes.equals(expected)).toBe(true);
      }),
    );
  });
});

describe('numbers', () => {
  it('have every count of digits', () => {
    for (let value = 1; value < 0x8000_0000; value *= 10)
      for (const near of [value - 1, value, value + 1]) expect(printed(number(near))).toBe(String(near));
  });

  it('that were put before are put again, and not mistaken for others', () => {
    const value = fc.constantFrom(7, 71, 1000, 1064, 65_536, 12_345_678, 12_345_742, 99_999_999, 100_000_000);
    fc.assert(
      fc.property(fc.array(value), (values) => {
        expect(values.map((one) => printed(number(one)))).toEqual(values.map(String));
      }),
    );
  });

  it('for people are as phraseText has them, ties and their neighbours included', () => {
    const nearTie = fc
      .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: -4, max: 4 }))
      .map(([n, ulps]) => (n + 0.5) / 10_000 + ulps * 2 ** -54);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const any = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(nearTie, share, any), (value) => {
        expect(printed(short(value))).toBe(phraseText(value));
      }),
      { numRuns: 5000 },
    );
    for (let n = 0; n <= 10_000; n++) expect(printed(short(n / 10_000))).toBe(phraseText(n / 10_000));
  });

  it('of milliseconds go to the microsecond', () => {
    for (const [ms, expected] of [
      [0, '0'],
      [12, '12'],
      [12.3456, '12.346'],
      [0.0004, '0'],
      [0.9996, '1'],
      [1_999_999.9996, '2000000'],
      [2_000_000.5, '2000000.5'],
      [-1.5, '-1.5'],
    ] as const)
      expect(printed(putting('', (view, at) => putMilliseconds(view, at, ms)))).toBe(expected);
  });
});

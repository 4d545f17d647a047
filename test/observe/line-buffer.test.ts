/** What is put together as bytes reads as what was written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBuffer, pieceOf } from '../../src/observe/line-buffer.ts';

/** As it comes out of UTF-8: half a character is none. */
const utf8 = (value: string) => Buffer.from(value).toString();
const text = fc.string({ unit: 'binary', maxLength: 200 });

describe('LineBuffer', () => {
  it('holds what was written in order, however little room it began with', () => {
    const part = fc.oneof(
      text.map((value) => ({ expected: utf8(value), write: (to: LineBuffer) => to.raw(value) })),
      text.map((value) => ({
        expected: utf8(value),
        write: (to: LineBuffer) => to.piece(pieceOf(value)),
      })),
      text.map((value) => ({
        expected: JSON.stringify(value),
        write: (to: LineBuffer) => to.text(value),
      })),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
        expected: JSON.stringify(value),
        write: (to: LineBuffer) => to.number(value === 0 ? 0 : value),
      })),
      fc.integer({ min: -1, max: 0x1_0000_0000 }).map((value) => ({
        expected: String(value),
        write: (to: LineBuffer) => to.number(value),
      })),
      fc.nat(999).map((value) => ({
        expected: String(value).padStart(3, '0'),
        write: (to: LineBuffer) => to.threeDigits(value),
      })),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const buffer = new LineBuffer(1);
        for (const { write } of parts) write(buffer);
        expect(buffer.bytes.toString()).toBe(parts.map(({ expected }) => expected).join(''));
        buffer.clear();
        expect(buffer.length).toBe(0);
      }),
    );
  });

  it('escapes each character that JSON must not hold, wherever it stands', () => {
    for (let code = 0; code < 0x82; code++)
      for (let before = 0; before < 5; before++)
        for (let after = 0; after < 5; after++) {
          const value = 'a'.repeat(before) + String.fromCharCode(code) + 'b'.repeat(after);
          const buffer = new LineBuffer(64);
          buffer.text(value);
          expect(JSON.parse(buffer.bytes.toString())).toBe(value);
        }
  });

  it('prints every number of digits', () => {
    for (let value = 1; value < 0x8000_0000; value *= 10)
      for (const near of [value - 1, value, value + 1]) {
        const buffer = new LineBuffer(1);
        buffer.number(near);
        expect(buffer.bytes.toString()).toBe(String(near));
      }
  });
});

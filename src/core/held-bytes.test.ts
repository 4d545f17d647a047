import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldBytes } from './held-bytes.ts';

describe('HeldBytes', () => {
  it('gives back what it took, however it was cut', () => {
    const piece = fc.uint8Array({ maxLength: 5000 });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.option(piece),
        fc.boolean(),
        (pieces, head, whole) => {
          const held = new HeldBytes();
          for (const bytes of pieces) {
            const chunk = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
            held.add(chunk, 1, chunk.length - 1);
            chunk.fill(0, 0, 1);
          }
          if (head) held.prepend(Buffer.from(head));
          const all = Buffer.concat([...(head ? [head] : []), ...pieces]);
          expect(held.length).toBe(all.length);
          const given = whole ? held.take() : Buffer.concat(held.takePieces());
          expect(given.equals(all)).toBe(true);
          expect(held.length).toBe(0);
          expect(held.take().length).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps bytes that come one by one in a few pieces', () => {
    const held = new HeldBytes();
    const byte = Buffer.from('x');
    for (let i = 0; i < 300_000; i++) held.add(byte);
    expect(held.takePieces().length).toBeLessThan(20);
  });

  it('leaves the only piece, and long ones, where they lie', () => {
    const chunk = Buffer.alloc(10_000, 'x');
    const held = new HeldBytes();
    held.add(chunk, 10, 20);
    expect(held.take().buffer).toBe(chunk.buffer);
    held.add(chunk, 0, 5000);
    held.add(chunk, 5000);
    expect(held.takePieces().map(({ buffer }) => buffer)).toEqual([chunk.buffer, chunk.buffer]);
  });
});

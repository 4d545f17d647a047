import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { Pacer } from './pacer.ts';

it('goes on once its taker does, also where that was slow with the last byte of what waited', () => {
  const clock = new FakeClock();
  const taken: string[] = [];
  let open = true;
  let ready = 0;
  const send = (bytes: Buffer): boolean => {
    taken.push(bytes.toString());
    return open;
  };
  const pacer = new Pacer(clock, 1_000_000, 0, send, () => {
    ready += 1;
  });
  open = false;
  expect(pacer.write(Buffer.from('a'))).toBe(false);
  clock.advance(100);
  expect([ready, taken]).toEqual([0, ['a']]);
  open = true;
  pacer.drained();
  clock.advance(100);
  expect(ready).toBe(1);
  expect(pacer.write(Buffer.from('b'))).toBe(true);
  expect(taken).toEqual(['a', 'b']);
});

it('passes every byte of a source that waits when it is told to, whenever the taker is slow', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 });
  const rates = fc.constantFrom(100, 20_000, 1_000_000, Number.POSITIVE_INFINITY);
  fc.assert(
    fc.property(sizes, rates, fc.nat(500), fc.infiniteStream(fc.boolean()), (chunks, rate, first, moods) => {
      const clock = new FakeClock();
      const source = chunks.map((size, i) => Buffer.alloc(size, i));
      const left = [...source];
      const taken: Buffer[] = [];
      let over = false;
      const feed = (): void => {
        for (;;) {
          const next = left.shift();
          if (next === undefined) {
            if (!over) pacer.end(() => (over = true));
            return;
          }
          if (!pacer.write(next)) return;
        }
      };
      const send = (bytes: Buffer): boolean => {
        taken.push(bytes);
        const open = moods.next().value;
        // As a socket does: once it was full, it says when it is empty.
        if (!open) clock.after(7, () => pacer.drained());
        return open;
      };
      const pacer = new Pacer(clock, rate, first, send, feed);
      feed();
      clock.advance(1_000_000);
      expect(Buffer.concat(taken)).toEqual(Buffer.concat(source));
      expect(over).toBe(true);
    }),
  );
});

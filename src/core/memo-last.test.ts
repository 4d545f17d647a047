import { expect, it } from 'vitest';
import { memoLast } from './memo-last.ts';

it('asks once for arguments that follow each other, and anew for others', () => {
  const asked: (string | undefined)[] = [];
  const of = memoLast((text: string | undefined) => {
    asked.push(text);
    return { text };
  });
  expect(of(undefined)).toBe(of(undefined));
  const a = of('a');
  expect(of('a')).toBe(a);
  expect(of('b')).toEqual({ text: 'b' });
  expect(of('a')).not.toBe(a);
  expect(asked).toEqual([undefined, 'a', 'b', 'a']);
});

it('keeps what came before where the next one throws', () => {
  let asked = 0;
  const of = memoLast((n: number) => {
    asked++;
    if (n < 0) throw new Error('negative');
    return n * 2;
  });
  expect(of(2)).toBe(4);
  expect(() => of(-1)).toThrow('negative');
  expect(() => of(-1)).toThrow('negative');
  expect(of(2)).toBe(4);
  expect(asked).toBe(3);
});

it('is one for each function', () => {
  const up = memoLast((n: number) => n + 1);
  const down = memoLast((n: number) => n - 1);
  expect([up(1), down(1), up(1)]).toEqual([2, 0, 2]);
});

import { expect, it } from 'vitest';
import { memoRecent } from './memo-recent.ts';
import { LONG_TEXT } from './peer-text.ts';

it('works out a text once while it is among the recent ones', () => {
  const asked: string[] = [];
  const of = memoRecent((text) => {
    asked.push(text);
    return { text };
  }, 2);
  const a = of('a');
  of('b');
  expect(of('a')).toBe(a);
  expect(asked).toEqual(['a', 'b']);
  of('c');
  expect(of('a')).toEqual(a);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});

it('keeps no long text', () => {
  let asked = 0;
  const of = memoRecent(() => String(++asked), 2);
  const long = 'x'.repeat(LONG_TEXT + 1);
  expect([of(long), of(long)]).toEqual(['1', '2']);
});

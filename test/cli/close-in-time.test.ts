import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closing } from '../../src/cli/close-in-time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PATIENCE = { graceMs: 500, hurryMs: 50 };

/** What serves: ends when it is let, and what it was told. */
function serving(endsWith: 'nothing' | 'no grace' | 'any') {
  const graces: number[] = [];
  const stop = closing((graceMs) => {
    graces.push(graceMs);
    const ends = endsWith === 'any' || (endsWith === 'no grace' && graceMs === 0);
    return ends ? Promise.resolve() : new Promise(() => {});
  }, PATIENCE);
  return { graces, stop };
}

/** The outcome so far. */
function outcome(closed: Promise<boolean>): () => Promise<boolean | undefined> {
  let known: boolean | undefined;
  void closed.then((value) => {
    known = value;
  });
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return known;
  };
}

it('ends with what it closes, and leaves no timer', async () => {
  const { graces, stop } = serving('any');
  expect(await stop.inTime(1000)).toBe(true);
  expect(graces).toEqual([1000]);
  expect(vi.getTimerCount()).toBe(0);
});

it('ends when grace and patience are over, whatever is left, and says so', async () => {
  const now = outcome(serving('nothing').stop.inTime(1000));
  await vi.advanceTimersByTimeAsync(1499);
  expect(await now()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(await now()).toBe(false);
});

it('gives no more grace in a hurry, and little patience', async () => {
  const { graces, stop } = serving('nothing');
  const now = outcome(stop.inTime(1000));
  await vi.advanceTimersByTimeAsync(100);
  stop.hurry();
  await vi.advanceTimersByTimeAsync(49);
  expect([await now(), graces]).toEqual([undefined, [1000, 0]]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await now()).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it.each(['before', 'after'])('hurries if told so %s it began', async (when) => {
  const { graces, stop } = serving('no grace');
  if (when === 'before') stop.hurry();
  const closed = stop.inTime(1000);
  stop.hurry();
  expect(await closed).toBe(true);
  expect(graces).toEqual([1000, 0]);
});

it('fails where closing fails', async () => {
  const stop = closing(() => Promise.reject(new Error('no')), PATIENCE);
  await expect(stop.inTime(1000)).rejects.toThrow('no');
});

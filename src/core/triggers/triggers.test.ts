import { describe, expect, it } from 'vitest';
import { moments } from '../../../test/support/moments.ts';
import { compileTrigger, neverFires, type TriggerSpec, triggerSpecSchema } from './trigger-spec.ts';

/** Numbers of the matches on which it fires. */
function firings(spec: TriggerSpec, n = 30, seed = 's'): number[] {
  const trigger = compileTrigger(triggerSpecSchema.parse(spec));
  return moments(seed, n)
    .filter((moment) => {
      const fires = trigger.fires(moment);
      if (fires) trigger.fired?.(moment);
      return fires;
    })
    .map(({ nth }) => nth);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('triggers by count', () => {
  it.each<readonly [TriggerSpec, number[]]>([
    ['always', range(1, 30)],
    [{ first: 2 }, [1, 2]],
    [{ skip: 28 }, [29, 30]],
    [{ skip: 5, first: 2 }, [6, 7]],
    [{ nth: 3 }, [3]],
    [{ nth: [7, 1, 3] }, [1, 3, 7]],
    [{ every: 10 }, [10, 20, 30]],
    [{ every: { n: 10, for: 3 } }, [10, 11, 12, 20, 21, 22, 30]],
    [{ skip: 3, every: 10 }, [13, 23]],
    [{ window: { from: 10, to: 12 } }, [10, 11, 12]],
    [{ window: { from: 28 } }, [28, 29, 30]],
    [{ window: { to: 2 } }, [1, 2]],
    [{ window: { from: 3, for: 2, every: 10 } }, [3, 4, 13, 14, 23, 24]],
    [{ once_per: 'conversation' }, [1, 5, 9, 13, 17, 21, 25, 29]],
    [{ any: [{ first: 1 }, { nth: [5] }] }, [1, 5]],
    [{ all: [{ first: 6 }, { every: 2 }] }, [2, 4, 6]],
    [{ first: 6, every: 2 }, [2, 4, 6]],
    [{ skip: 2, any: [{ first: 1 }, { nth: 4 }] }, [3, 6]],
    [{ once_per: 'conversation', skip: 2 }, [3, 5, 9, 13, 17, 21, 25, 29]],
  ])('%j', (spec, expected) => {
    expect(firings(spec)).toEqual(expected);
  });
});

describe('triggers by time (one match a second)', () => {
  it.each<readonly [TriggerSpec, number[]]>([
    [{ window: { from: '3s', for: '2s' } }, [4, 5]],
    [{ window: { from: '3s', to: '5s' } }, [4, 5]],
    [{ window: { from: '1s', for: '2s', every: '10s' } }, [2, 3, 12, 13, 22, 23]],
    [{ window: { for: '2s' } }, [1, 2]],
  ])('%j', (spec, expected) => {
    expect(firings(spec)).toEqual(expected);
  });

  it('since first-match counts from the first match', () => {
    const trigger = compileTrigger({ window: { for: '2s', since: 'first-match' } });
    const at = (now: number): boolean => trigger.fires({ ...moments('s')[0]!, now, firstMatch: 60_000 });
    expect([60_000, 61_999, 62_000].map(at)).toEqual([true, true, false]);
  });
});

describe('triggers by chance', () => {
  const share = (spec: TriggerSpec, n = 20_000): number => firings(spec, n).length / n;

  it('combined draws are independent', () => {
    expect(share({ all: [{ probability: 0.5 }, { probability: 0.5 }] })).toBeCloseTo(0.25, 1);
    expect(share({ any: [{ probability: 0.5 }, { probability: 0.5 }] })).toBeCloseTo(0.75, 1);
  });

  it('ramp goes from one probability to the other and stays', () => {
    const fired = firings({ ramp: { from: 0, to: 0.8, over: 10_000 } }, 20_000);
    const within = (from: number, to: number): number =>
      fired.filter((nth) => nth > from && nth <= to).length / (to - from);
    expect(within(0, 1000)).toBeLessThan(0.1);
    expect(Math.abs(within(4500, 5500) - 0.4)).toBeLessThan(0.06);
    expect(Math.abs(within(10_000, 20_000) - 0.8)).toBeLessThan(0.02);
  });

  it('ramp over time', () => {
    const early = compileTrigger({ ramp: { over: '10m' } });
    const [first] = moments('s');
    expect(early.fires({ ...first!, now: 0 })).toBe(false);
    expect(early.fires({ ...first!, now: 600_000 })).toBe(true);
  });

  it('ramp over time that begins later', () => {
    const late = compileTrigger({ ramp: { from: 1, to: 0, over: '5m', after: '10m', since: 'first-call' } });
    const [first] = moments('s');
    const fires = (minutes: number): boolean =>
      late.fires({ ...first!, firstCall: 60_000, now: 60_000 * (1 + minutes) });
    expect([fires(0), fires(10), fires(15), fires(60)]).toEqual([true, true, false, false]);
    expect(late.explain()).toContain('over 5m from 10m after the first call');
  });

  it('burst has the share and the length of a Gilbert-Elliott chain', () => {
    const fired = firings({ burst: { enter: 0.05, leave: 0.25 } }, 40_000);
    expect(Math.abs(fired.length / 40_000 - 0.05 / 0.3)).toBeLessThan(0.02);
    const starts = fired.filter((nth, i) => fired[i - 1] !== nth - 1).length;
    // The mean length of a bad spell is 1 / leave.
    expect(Math.abs(fired.length / starts - 4)).toBeLessThan(0.4);
  });

  it('burst fires by chance inside and outside, if told so', () => {
    const mixed = share({ burst: { enter: 0.5, leave: 0.5, inside: 0.6, outside: 0.2 } });
    expect(Math.abs(mixed - 0.4)).toBeLessThan(0.02);
  });

  it('burst by time turns once per step', () => {
    const trigger = compileTrigger({ burst: { enter: 0.5, leave: 0.5, step: '10s' } });
    const fired = moments('s', 300).map((moment) => trigger.fires(moment));
    for (let i = 0; i < 300; i += 10) expect(new Set(fired.slice(i, i + 10)).size).toBe(1);
    expect(new Set(fired).size).toBe(2);
  });

  it('burst knows its state after a jump, and when asked for an earlier match', () => {
    const spec: TriggerSpec = { burst: { enter: 0.2, leave: 0.3 } };
    const all = firings(spec, 300);
    const trigger = compileTrigger(spec);
    for (const nth of [250, 3, 300, 120]) {
      expect(trigger.fires(moments('s')[nth - 1]!)).toBe(all.includes(nth));
    }
  });
});

describe('neverFires', () => {
  it.each<TriggerSpec>([
    { first: 2, nth: 5 },
    { every: 10, nth: [1, 2] },
    { first: 5, window: { from: 6, to: 9 } },
    { all: [{ every: 2 }, { window: { from: 1, for: 1, every: 2 } }] },
    { every: 7, window: { from: 6, for: 1, every: 7 }, skip: 1 },
  ])('%j never does', (spec) => {
    expect(neverFires(compileTrigger(spec))).toBe(true);
  });

  it.each<TriggerSpec>([
    'always',
    { first: 2, probability: 0 },
    { skip: 5, first: 2 },
    { every: 7, window: { from: 7, for: 1, every: 14 }, skip: 1 },
    { window: { from: '10m' }, first: 1 },
    { nth: 99_999_999 },
  ])('%j may', (spec) => {
    expect(neverFires(compileTrigger(spec))).toBe(false);
  });
});

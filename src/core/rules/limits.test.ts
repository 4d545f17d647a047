import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '../facts.ts';
import { createLimits, UNLIMITED } from './limits.ts';
import { ownMemory } from './memory-source.ts';
import type { LimitSpec } from './spec.ts';

const limitsOf = (limit: unknown, cooldown: string | undefined) =>
  createLimits(limit as LimitSpec | undefined, cooldown, ownMemory, 'rule');

const facts = (client: string, model?: string) => ({ client, body: { model } }) as unknown as RequestFacts;

it('lets a rule without a limit act always', () => {
  const limits = limitsOf(undefined, undefined);
  expect(limits).toBe(UNLIMITED);
  limits.take('', 0);
  expect(limits.blocked('', 0)).toBeUndefined();
});

describe('times', () => {
  it('counts acts, and says what is used up', () => {
    const once = limitsOf({ times: 1 }, undefined);
    expect(once.blocked('', 0)).toBeUndefined();
    once.take('', 0);
    once.release('');
    expect(once.blocked('', 1e9)).toBe('its limit of 1 time is used up');
    const twice = limitsOf({ times: 2 }, undefined);
    twice.take('', 0);
    expect(twice.blocked('', 0)).toBeUndefined();
    twice.take('', 0);
    expect(twice.blocked('', 0)).toBe('its limit of 2 times is used up');
  });

  it('takes one back at a time, and none that was not taken', () => {
    const limits = limitsOf({ times: 2 }, undefined);
    limits.giveBack('', 0);
    limits.take('', 0);
    limits.take('', 0);
    limits.giveBack('', 0);
    expect(limits.blocked('', 0)).toBeUndefined();
    limits.take('', 0);
    expect(limits.blocked('', 0)).toBe('its limit of 2 times is used up');
  });

  it.each([
    ['client', facts('a', 'm'), facts('b', 'm'), facts('a', 'n')],
    ['model', facts('a', 'm'), facts('a', 'n'), facts('b', 'm')],
  ])('per %s are counted for each', (per, one, other, oneAgain) => {
    const limits = limitsOf({ times: 1, per }, undefined);
    limits.take(limits.keyOf(one), 0);
    expect(limits.blocked(limits.keyOf(other), 0)).toBeUndefined();
    expect(limits.blocked(limits.keyOf(oneAgain), 0)).toBe(`its limit of 1 time for this ${per} is used up`);
  });

  it('of calls without a model are counted together', () => {
    const limits = limitsOf({ times: 1, per: 'model' }, undefined);
    expect(limits.keyOf(facts('a'))).toBe('');
    expect(limits.keyOf(facts('a', 'm'))).toBe('m');
  });

  it('per rule are counted whoever calls', () => {
    const limits = limitsOf({ times: 1 }, undefined);
    expect(limits.keyOf(facts('a', 'm'))).toBe(limits.keyOf(facts('b', 'n')));
  });
});

describe('concurrent', () => {
  it('counts calls until each has ended', () => {
    const limits = limitsOf({ concurrent: 2 }, undefined);
    limits.take('', 0);
    expect(limits.blocked('', 0)).toBeUndefined();
    limits.take('', 0);
    expect(limits.blocked('', 0)).toBe('2 of its calls are running, its limit');
    limits.release('');
    expect(limits.blocked('', 0)).toBeUndefined();
    limits.take('', 0);
    expect(limits.blocked('', 0)).toBe('2 of its calls are running, its limit');
    for (let call = 0; call < 2; call++) limits.release('');
    limits.take('', 0);
    expect(limits.blocked('', 0)).toBeUndefined();
  });

  it('is no less for a call that is released twice', () => {
    const limits = limitsOf({ concurrent: 1 }, undefined);
    for (let call = 0; call < 2; call++) limits.release('');
    limits.take('', 0);
    expect(limits.blocked('', 0)).toBe('1 of its calls are running, its limit');
  });
});

describe('a cooldown', () => {
  it('lasts from an act, to the millisecond, and says how long it still lasts', () => {
    const limits = limitsOf(undefined, '2s');
    limits.take('', 1000);
    expect(limits.blocked('', 1500)).toBe('it cools down for another 1.5s');
    expect(limits.blocked('', 2999)).toBe('it cools down for another 0.0s');
    expect(limits.blocked('', 3000)).toBeUndefined();
  });

  it('ends with the act that is given back, and with no other', () => {
    const limits = limitsOf(undefined, '2s');
    limits.take('', 0);
    limits.giveBack('', 0);
    expect(limits.blocked('', 1)).toBeUndefined();
    limits.take('', 0);
    limits.take('', 1000);
    limits.giveBack('', 0);
    expect(limits.blocked('', 2000)).toBe('it cools down for another 1.0s');
  });

  it('is none where only times are limited', () => {
    const limits = limitsOf({ times: 5 }, undefined);
    limits.take('', 10);
    expect(limits.blocked('', 0)).toBeUndefined();
  });
});

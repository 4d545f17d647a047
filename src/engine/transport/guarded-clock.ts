/** A clock whose waits belong to somebody: what runs after one, and throws, is theirs to deal with. */
import type { Clock } from '../../core/clock.ts';

/** Runs things, and deals with whatever they throw. */
export interface Guard {
  guard(run: () => void): void;
}

export function guardedClock(clock: Clock, owner: Guard): Clock {
  return {
    instant: () => clock.instant(),
    now: () => clock.now(),
    wall: () => clock.wall(),
    after: (ms, run) => clock.after(ms, () => owner.guard(run)),
  };
}

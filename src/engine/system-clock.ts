/** The clock of a real run. */
import type { Clock } from '../core/clock.ts';

/** Monotonic time from `performance.now()`, dates from `Date.now()`, waits from timers. */
export const systemClock: Clock = {
  instant: () => ({ now: performance.now(), wall: Date.now() }),
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The clock of a real run. Node's global `performance` is looked up by a getter each time; the module's is at hand. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../core/clock.ts';

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

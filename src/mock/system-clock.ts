/** The clock that the stand-in uses unless it is given one: it may not import the engine's. */
import type { Clock } from '../core/clock.ts';

export const systemClock: Clock = {
  instant: () => ({ now: performance.now(), wall: Date.now() }),
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The system's clock, but waits pass sooner: for faults that last longer than a test should. */
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/engine/transport/system-clock.ts';

/** @param factor 100: what waits 10 s waits 100 ms, and time runs as much faster */
export function fastClock(factor: number): Clock {
  const start = performance.now();
  const now = (): number => start + (performance.now() - start) * factor;
  return {
    now,
    wall: systemClock.wall,
    instant: () => ({ now: now(), wall: systemClock.wall() }),
    after: (ms, run) => systemClock.after(ms / factor, run),
  };
}

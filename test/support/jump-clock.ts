/** The system's clock, until a test lets time jump: waits last as long as they do, and minutes of silence take no time. */
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/engine/transport/system-clock.ts';

export interface JumpClock extends Clock {
  /** So many milliseconds have passed; what fell due meanwhile runs now, in order. */
  jump(ms: number): void;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
  cancel: () => void;
}

export function jumpClock(): JumpClock {
  let ahead = 0;
  const timers = new Set<Timer>();
  const now = (): number => systemClock.now() + ahead;
  const wall = (): number => systemClock.wall() + ahead;
  const fire = (timer: Timer): void => {
    if (timers.delete(timer)) timer.run();
  };
  const arm = (timer: Timer): void => {
    timer.cancel();
    timer.cancel = systemClock.after(timer.at - now(), () => fire(timer));
  };
  return {
    now,
    wall,
    instant: () => ({ now: now(), wall: wall() }),
    after: (ms, run) => {
      const timer: Timer = { at: now() + ms, run, cancel: () => {} };
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        timer.cancel();
      };
    },
    jump: (ms) => {
      ahead += ms;
      for (const timer of [...timers].sort((one, other) => one.at - other.at)) {
        if (timer.at > now()) {
          if (timers.has(timer)) arm(timer);
          continue;
        }
        timer.cancel();
        fire(timer);
      }
    },
  };
}

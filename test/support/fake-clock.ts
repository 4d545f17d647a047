/** A clock that a test moves. Nothing on it happens by itself. */
import type { Clock } from '../../src/core/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  readonly #start: number;
  #now = 0;
  #timers: Timer[] = [];

  /** @param wall milliseconds since the Unix epoch at monotonic 0 */
  constructor(wall = Date.UTC(2026, 10, 23, 12, 0, 0)) {
    this.#start = wall;
  }

  instant(): { now: number; wall: number } {
    return { now: this.#now, wall: this.wall() };
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#start + this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time on; what falls due on the way runs in order, what it sets up in turn included. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (timer.at <= end && (!first || timer.at < first.at) ? timer : first),
        undefined,
      );
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

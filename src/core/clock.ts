/**
 * Time as a value: nothing in the core, and nothing that a test must hurry, reads the system's clock.
 * The system clock is `engine/transport/system-clock.ts`; tests use `test/support/fake-clock.ts`.
 */

/** A moment, taken once per call so that one decision sees one time. */
export interface Instant {
  /** Milliseconds on a clock that never jumps; only differences mean anything. */
  readonly now: number;
  /** Milliseconds since the Unix epoch, for dates that go on the wire. */
  readonly wall: number;
}

/** The only source of time and waits. */
export interface Clock {
  instant(): Instant;
  /** Monotonic milliseconds; the cheap half of `instant()`. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  wall(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Waits on a clock.
 *
 * @returns true after `ms` milliseconds, false as soon as `signal` aborts (never rejects)
 */
export function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  if (ms <= 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

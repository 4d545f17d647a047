/** Waits for the end of a run: a signal, or the time of `--for`. */
import type { Io } from './io.ts';

export interface Ending {
  /** `failure`: what was running broke down. */
  readonly reason: 'signal' | 'time' | 'failure';
  /** Number of the signal; 0 without one. */
  readonly signal: number;
}

export interface UntilStopped {
  /** Settles once. */
  readonly ended: Promise<Ending>;
  /** Stops listening to signals and cancels the timer. */
  release(): void;
}

/**
 * The first signal, or the time, settles `ended`. A signal after that calls `onSecond` at once: somebody is in a hurry.
 *
 * @param forMs milliseconds after which the run ends by itself
 */
export function untilStopped(
  io: Pick<Io, 'onStop'>,
  forMs: number | undefined,
  onSecond: (signal: number) => void,
): UntilStopped {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  let off = (): void => {};
  const ended = new Promise<Ending>((resolve) => {
    const end = (ending: Ending): void => {
      if (over) {
        onSecond(ending.signal);
        return;
      }
      over = true;
      clearTimeout(timer);
      resolve(ending);
    };
    off = io.onStop((signal) => end({ reason: 'signal', signal }));
    if (forMs !== undefined) timer = setTimeout(() => end({ reason: 'time', signal: 0 }), forMs);
  });
  return {
    ended,
    release: () => {
      clearTimeout(timer);
      off();
    },
  };
}

/** Waits for the end of a run: a signal, the time of `--for`, or that it breaks down. */
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
  /** Ends the wait for another reason. */
  end(ending: Ending): void;
  /** Stops listening to signals and cancels the timer. */
  release(): void;
}

/**
 * The first signal, the time, or `end()` settles `ended`. Each signal after that calls `onSecond` at once: somebody is in
 * a hurry.
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
  let settle = (_ending: Ending): void => {};
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve;
  });
  const end = (ending: Ending): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    settle(ending);
  };
  const off = io.onStop((signal) => {
    if (over) onSecond(signal);
    else end({ reason: 'signal', signal });
  });
  if (forMs !== undefined) timer = setTimeout(() => end({ reason: 'time', signal: 0 }), forMs);
  return {
    ended,
    end,
    release: () => {
      clearTimeout(timer);
      off();
    },
  };
}

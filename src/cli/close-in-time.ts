/** Stops what serves: within its grace, at once where somebody is in a hurry, and never later than that, come what may. */

/** What was told to end may take so much longer than its grace, and than no time at all. */
export interface Patience {
  readonly graceMs: number;
  readonly hurryMs: number;
}

/** What is said where it was not closed. */
export const STOP_LATE =
  'not all that was under way could be ended in time: it ends with the process, and what became of it is not told';

export interface Closing {
  /** Ends at once what is under way; also before it was told to close. */
  hurry(): void;
  /**
   * Closes it.
   *
   * @param graceMs what is under way may take so long to finish
   * @returns false if it was not closed when the time was over
   */
  inTime(graceMs: number): Promise<boolean>;
}

/** @param close may be called a second time, with less grace */
export function closing(close: (graceMs: number) => Promise<void>, patience: Patience): Closing {
  let hurry = (): void => {};
  const hurried = new Promise<void>((resolve) => {
    hurry = resolve;
  });
  return {
    hurry,
    inTime: async (graceMs) => {
      const timers: NodeJS.Timeout[] = [];
      const late = (ms: number): Promise<boolean> =>
        new Promise((resolve) => {
          timers.push(setTimeout(() => resolve(false), ms));
        });
      const closed = async (ms: number): Promise<boolean> => {
        await close(ms);
        return true;
      };
      try {
        return await Promise.race([
          closed(graceMs),
          late(graceMs + patience.graceMs),
          hurried.then(() => Promise.race([closed(0), late(patience.hurryMs)])),
        ]);
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
    },
  };
}

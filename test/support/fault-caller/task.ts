/** What tokio calls a task: polled again whenever something woke it, once for all wakes in between. */
export class Task {
  readonly #poll: () => void;
  #queued: NodeJS.Immediate | undefined;
  #dropped = false;

  constructor(poll: () => void) {
    this.#poll = poll;
  }

  /** The next poll comes after I/O had its turn: that is where the caller's buffers grow unseen. */
  readonly wake = (): void => {
    if (this.#dropped) return;
    this.#queued ??= setImmediate(() => {
      this.#queued = undefined;
      this.#poll();
    });
  };

  drop(): void {
    this.#dropped = true;
    if (this.#queued) clearImmediate(this.#queued);
  }
}

/** Not now; whoever says so wakes the task later, or, as fault does in places, never. */
export const PENDING = Symbol('pending');
export type Pending = typeof PENDING;

/** Both halves of a stream as tokio has them: polled, never pushing. */
export interface PolledStream {
  /** At most `limit` bytes; none at all is the end. @throws the error of the stream */
  pollRead(limit: number, wake: () => void): Buffer | Pending;
  /** How many of the bytes were taken. @throws the error of the stream */
  pollWrite(bytes: Buffer, wake: () => void): number | Pending;
  /** FIN behind what was written. */
  shutdown(): void;
  drop(): void;
}

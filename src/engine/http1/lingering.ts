/**
 * A connection on which no more is written: what its client is owed may still lie here. As long as the client takes
 * some of it that is never cut short; then it has a moment for its own FIN. Looked at by the engine's one sweep.
 */
import type { Transport } from '../transport/transport.ts';
import { unsentMark } from '../transport/unsent.ts';

/** How long a client that has got all of it, and our FIN, may take for its own, in milliseconds, swept. */
const LINGER_MS = 5_000;

/** How long a client may take nothing of what it is owed, in milliseconds, swept. */
const STUCK_MS = 600_000;

/** In place of what is unsent: nothing is. */
const SENT = Number.POSITIVE_INFINITY;

export class Lingering {
  readonly #transport: Transport;
  #unsent: number;
  #since: number;

  /** @param now monotonic milliseconds, as in {@link over} */
  constructor(transport: Transport, now: number) {
    this.#transport = transport;
    this.#since = now;
    this.#unsent = this.#left();
  }

  /** True when it was waited for long enough. */
  over(now: number): boolean {
    const left = this.#left();
    if (left !== this.#unsent) {
      this.#unsent = left;
      this.#since = now;
    }
    return now - this.#since >= (left === SENT ? LINGER_MS : STUCK_MS);
  }

  #left(): number {
    return this.#transport.stream.writableFinished ? SENT : unsentMark(this.#transport);
  }
}

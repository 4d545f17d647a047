/** A token bucket with continuous refill. What is used beyond what it holds becomes a debt, paid off by the refill. */

/** Parts of a token that arithmetic may lose. */
const DUST = 1e-6;

export class TokenBucket {
  /** Tokens per minute: what the headers call the limit. */
  readonly limit: number;
  /** The most it holds. */
  readonly capacity: number;
  readonly #perMs: number;
  #level: number;
  #at: number;

  /**
   * A full bucket.
   *
   * @param burstMs time in which it refills whole: a minute's tokens may be used at once with 60,000, one sixth with 10,000
   * @param now milliseconds on the scale of all later calls
   */
  constructor(limit: number, burstMs: number, now: number) {
    this.limit = limit;
    this.#perMs = limit / 60_000;
    this.capacity = Math.max(1, (limit * burstMs) / 60_000);
    this.#level = this.capacity;
    this.#at = now;
  }

  /** Tokens in it; below 0: a debt. */
  level(now: number): number {
    const passed = Math.max(0, now - this.#at);
    return Math.min(this.capacity, this.#level + passed * this.#perMs);
  }

  /** Takes tokens, whether they are there or not; a negative number gives some back. */
  take(tokens: number, now: number): void {
    this.#level = Math.min(this.capacity, this.level(now) - tokens);
    this.#at = Math.max(this.#at, now);
  }

  /** Milliseconds until so many are there: 0 when they are, Infinity when it never holds so many. */
  wait(tokens: number, now: number): number {
    const missing = tokens - this.level(now);
    if (missing <= DUST) return 0;
    return tokens > this.capacity + DUST ? Number.POSITIVE_INFINITY : missing / this.#perMs;
  }

  /** Milliseconds until it is full. */
  untilFull(now: number): number {
    const missing = this.capacity - this.level(now);
    return missing <= DUST ? 0 : missing / this.#perMs;
  }
}

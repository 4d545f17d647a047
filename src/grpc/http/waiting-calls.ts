/**
 * Calls that went on to the upstream and wait for their answers. The fault proxy hands answers over without saying whose they
 * are, so a call is only sure to be the one when no other waits that could have got such an answer.
 */
import type { Clock } from '../../core/clock.ts';
import type { ResponseHead } from '../../core/http1/head.ts';

/** As much of a call as pairing needs. */
export interface Waiting {
  /** The request asked for a stream. Fault's reverse proxies (`--proxy http…`) never show such an answer to a plugin. */
  readonly streams: boolean;
  /** No answer was seen in time. */
  expired(): void;
}

/** An answer that is not a stream comes within the API's own limit, or the upstream failed and the fault proxy says nothing. */
export const ANSWER_MS = 600_000;
/** An error for a call that asked for a stream comes soon, or never. */
export const STREAM_MS = 5_000;
/** The oldest makes room for one more. */
const MOST = 10_000;

export class WaitingCalls<T extends Waiting> {
  readonly #clock: Clock;
  /** In order of arrival. */
  readonly #calls = new Map<T, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#calls.size;
  }

  add(call: T): void {
    const [oldest] = this.#calls.keys();
    if (oldest && this.#calls.size >= MOST) this.#expire(oldest);
    const cancel = this.#clock.after(call.streams ? STREAM_MS : ANSWER_MS, () => this.#expire(call));
    this.#calls.set(call, cancel);
  }

  /**
   * Takes the call that an answer most likely belongs to: of those that fit, the one that waits longest.
   *
   * @returns `sure`: no other call could have got it
   */
  take(head: ResponseHead): { readonly call: T; readonly sure: boolean } | undefined {
    const stream = /^text\/event-stream\b/i.test(head.headers.get('content-type') ?? '');
    const fitting = [...this.#calls.keys()].filter(({ streams }) =>
      stream ? streams : !streams || head.status >= 300,
    );
    const [call] = fitting;
    if (call === undefined) return undefined;
    this.#forget(call);
    return { call, sure: fitting.length === 1 };
  }

  /** Forgets all, each told by `end`. */
  clear(end: (call: T) => void): void {
    for (const call of [...this.#calls.keys()]) {
      this.#forget(call);
      end(call);
    }
  }

  #expire(call: T): void {
    this.#forget(call);
    call.expired();
  }

  #forget(call: T): void {
    this.#calls.get(call)?.();
    this.#calls.delete(call);
  }
}

/**
 * Requests of our own that make an upstream speak, since the caller lets us talk to a client only when its upstream
 * has said something: `HEAD /`, without credentials, whose answer is swallowed. It can also be stretched out by
 * padding, for blocks that must be answered with something while a large request is read and dropped.
 */
import { HeadReader } from '../../core/http1/head.ts';

/** Padding added at a time, in bytes; sealed, each makes some ninety bytes. */
const PAD = 'a'.repeat(64);

/** A head that has grown to this is ended, and another begun: servers refuse very large ones. */
const LARGEST_HEAD = 4096;

export class Stimulus {
  readonly #host: string;
  readonly #reader = new HeadReader('response');
  /** Bytes of the head that was begun; 0 when none is open. */
  #written = 0;
  #due = 0;

  /** @param host value of `Host` */
  constructor(host: string) {
    this.#host = host;
  }

  /** True while a request is begun and not ended. */
  get open(): boolean {
    return this.#written > 0;
  }

  /** Answers that are still to come. */
  get due(): number {
    return this.#due;
  }

  /** A whole request, or the end of the open one. @param last ask the upstream to close behind its answer */
  whole(last: boolean): string {
    const start = this.open ? '\r\n' : `HEAD / HTTP/1.1\r\nHost: ${this.#host}\r\n`;
    this.#written = 0;
    this.#due += 1;
    return `${start}${last ? 'Connection: close\r\n' : ''}\r\n`;
  }

  /** Some more of a request that is not to end yet. */
  more(): string {
    if (this.#written >= LARGEST_HEAD) return this.whole(false);
    const text = this.open ? PAD : `HEAD / HTTP/1.1\r\nHost: ${this.#host}\r\nX-Pad: ${PAD}`;
    this.#written += text.length;
    return text;
  }

  /**
   * Takes the answers out of what the upstream says.
   *
   * @returns index just after what belonged to them
   * @throws FramingError when the upstream speaks something else
   */
  swallow(chunk: Buffer): number {
    let from = 0;
    while (this.#due > 0 && from < chunk.length) {
      const end = this.#reader.push(chunk, from);
      if (end < 0) return chunk.length;
      if (this.#reader.take().status >= 200) this.#due -= 1;
      from = end;
    }
    return from;
  }
}

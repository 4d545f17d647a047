/**
 * Collects a client's first bytes until somebody has seen enough of them. Without a timer: a client that says
 * nothing is left in peace.
 */
import type { ClientStream, StreamHandler } from './client-stream.ts';

export class InitialBytes implements StreamHandler {
  readonly busy = false;
  readonly #client: ClientStream;
  readonly #take: (bytes: Buffer) => boolean;
  readonly #ended: ((bytes: Buffer) => void) | undefined;
  #seen: Buffer = NOTHING;

  /**
   * @param take is given all that came, and says whether that was enough; the stream is then paused, and nobody listens to it
   * @param ended is given all that came when no more will, and was not enough; without it, the connection ends then
   */
  constructor(client: ClientStream, take: (bytes: Buffer) => boolean, ended?: (bytes: Buffer) => void) {
    this.#client = client;
    this.#take = take;
    this.#ended = ended;
  }

  /** @param first bytes that were read already */
  start(first: Buffer | undefined): void {
    if (first !== undefined && first.length > 0) this.onData(first);
    else this.#wait();
  }

  /** Waits no longer. @returns what came so far */
  stop(): Buffer {
    this.#client.leave();
    return this.#seen;
  }

  onData(chunk: Buffer): void {
    this.#seen = this.#seen.length === 0 ? chunk : Buffer.concat([this.#seen, chunk]);
    this.#client.leave();
    if (!this.#take(this.#seen)) this.#wait();
  }

  onEnd(): void {
    if (this.#ended) this.#ended(this.#seen);
    else this.#client.transport.stream.end();
  }

  stopping(): void {
    this.#client.transport.stream.destroy();
  }

  onError(): void {}
  onClose(): void {}
  onDrain(): void {}
  ending(): boolean {
    return false;
  }
  failed(): boolean {
    return false;
  }
  sweep(): void {}

  #wait(): void {
    const { stream } = this.#client.transport;
    // A socket tells its end even while it is paused: the client has left before anybody listened.
    if (stream.readableEnded) {
      this.onEnd();
      return;
    }
    this.#client.setHandler(this);
    stream.resume();
  }
}

const NOTHING = Buffer.alloc(0);

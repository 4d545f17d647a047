/** The upstream as the engine's calls see it: a plain stream over a leg's TLS, without what the leg says on its own. */
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export class CallStream extends Duplex {
  readonly #tls: TLSSocket;
  readonly #onChange: () => void;

  constructor(tls: TLSSocket, onChange: () => void) {
    super();
    this.#tls = tls;
    this.#onChange = onChange;
  }

  /** Bytes of the upstream. The TLS below is paused until they are read. */
  receive(chunk: Buffer): void {
    if (!this.destroyed && !this.push(chunk)) this.#tls.pause();
  }

  /** The upstream is gone. */
  finish(error: Error | undefined): void {
    if (this.destroyed) return;
    if (error) this.destroy(error);
    else this.push(null);
  }

  override _read(): void {
    if (this.#tls.isPaused()) this.#tls.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#tls.write(chunk, done);
  }

  /** Our side of the upstream is shut by the tunnel alone. */
  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#tls.isPaused()) this.#tls.resume();
    this.#onChange();
    done(error);
  }
}

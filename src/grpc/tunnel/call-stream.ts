/** The upstream as the engine's calls see it: a plain stream over a leg's TLS, without what the leg says on its own. */
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { AnswerWatch } from './answer-watch.ts';

export class CallStream extends Duplex {
  readonly #tls: TLSSocket;
  readonly #onChange: () => void;
  #watch = new AnswerWatch();

  constructor(tls: TLSSocket, onChange: () => void) {
    super();
    this.#tls = tls;
    this.#onChange = onChange;
  }

  /** How far the answer of the present call has come, read by the engine or not. */
  get answer(): AnswerWatch {
    return this.#watch;
  }

  /** A call begins. */
  begin(): void {
    this.#watch = new AnswerWatch();
  }

  /**
   * Bytes of the upstream, kept until they are read. They are not many: the tunnel takes no more from its caller
   * while the engine does not read.
   */
  receive(chunk: Buffer): void {
    this.#watch.answer(chunk);
    if (!this.destroyed) this.push(chunk);
  }

  /** The upstream is gone. */
  finish(error: Error | undefined): void {
    this.#watch.over();
    if (this.destroyed) return;
    if (error) this.destroy(error);
    else this.push(null);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#watch.request(chunk);
    this.#tls.write(chunk, done);
  }

  /** Our side of the upstream is shut by the tunnel alone. */
  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#onChange();
    done(error);
  }
}

/** The client's side of a tunnel as the engine sees it: a stream whose bytes come and go in chunks of RPCs. */
import { Duplex } from 'node:stream';
import { ByteQueue } from './byte-queue.ts';

export class ClientLeg extends Duplex {
  /** Bytes for the client. */
  readonly out = new ByteQueue();
  readonly #onChange: () => void;
  #ended = false;

  constructor(onChange: () => void) {
    super();
    this.#onChange = onChange;
  }

  /** True once nothing more will come for the client. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True while the engine does not read: bytes that came wait here. */
  get behind(): boolean {
    return this.readableLength > 0;
  }

  /** Bytes of the client. */
  feed(bytes: Buffer): void {
    if (!this.destroyed && !this.readableEnded && bytes.length > 0) this.push(bytes);
  }

  override _read(): void {
    this.#onChange();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.out.push(chunk);
    this.#onChange();
    done();
  }

  override _final(done: () => void): void {
    this.#end();
    done();
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    this.#end();
    done(null);
  }

  #end(): void {
    this.#ended = true;
    this.#onChange();
  }
}

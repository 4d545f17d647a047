/**
 * A client's stream, and who attends to it: a connection changes hands several times before its first request is
 * read (CONNECT, the TLS hello, the handshake, HTTP). Listeners are attached once; only the attendant changes.
 */
import { type Hearer, hear, unhear } from './direct-read.ts';
import type { Engine, Live } from './engine.ts';
import type { Transport } from './transport.ts';

/** Hears what befalls a client's stream, while it attends to it. */
export interface Attendant {
  /** True while an exchange is under way. */
  readonly busy: boolean;
  onData(chunk: Buffer): void;
  /** The client has sent its last byte. */
  onEnd(): void;
  /** `onClose` follows. */
  onError(error: Error): void;
  onClose(): void;
  /** The client takes bytes again, once it was slow. */
  onDrain(): void;
  /** The proxy stops: end as soon as nothing is under way. */
  stopping(): void;
  /** The stream is about to be destroyed. */
  ending(): void;
  sweep(now: number): void;
}

export class ClientStream implements Live, Hearer {
  readonly transport: Transport;
  readonly engine: Engine;
  #attendant: Attendant = NOBODY;
  #drains = false;

  /** Takes the stream over, paused. */
  constructor(engine: Engine, transport: Transport) {
    const { stream } = transport;
    stream.pause();
    this.transport = transport;
    this.engine = engine;
    hear(stream, this);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    if (!stream.destroyed) engine.add(this);
  }

  get busy(): boolean {
    return this.#attendant.busy;
  }

  get attendant(): Attendant {
    return this.#attendant;
  }

  /** Hands the stream on. It is neither paused nor resumed by this. */
  attend(attendant: Attendant): void {
    this.#attendant = attendant;
  }

  /** Nobody attends from here on: the stream is paused, its errors are heard and forgotten. */
  leave(): void {
    this.#attendant = NOBODY;
    this.transport.stream.pause();
  }

  /** What is read now is the business of a stream above this one, which the engine knows as well. */
  nest(): void {
    this.leave();
    this.engine.remove(this);
  }

  /** Gives the stream away for good, paused: whoever has it listens to it. */
  release(): Transport {
    const { stream } = this.transport;
    this.nest();
    unhear(stream);
    stream.off('end', this.#onEnd);
    stream.off('close', this.#onClose);
    if (this.#drains) stream.off('drain', this.#onDrain);
    return this.transport;
  }

  /** @returns false when the client is slow: the attendant's `onDrain` says when to go on */
  write(bytes: Buffer): boolean {
    const { stream } = this.transport;
    if (stream.write(bytes)) return true;
    if (!this.#drains) {
      this.#drains = true;
      stream.on('drain', this.#onDrain);
    }
    return false;
  }

  onData(chunk: Buffer): void {
    this.#attendant.onData(chunk);
  }

  drain(): void {
    this.#attendant.stopping();
  }

  destroy(): void {
    this.#attendant.ending();
    this.transport.stream.destroy();
  }

  sweep(now: number): void {
    this.#attendant.sweep(now);
  }

  readonly #onEnd = (): void => this.#attendant.onEnd();
  readonly #onError = (error: Error): void => this.#attendant.onError(error);
  readonly #onDrain = (): void => this.#attendant.onDrain();
  readonly #onClose = (): void => {
    this.engine.remove(this);
    this.#attendant.onClose();
  };
}

const NOBODY: Attendant = {
  busy: false,
  onData: ignore,
  onEnd: ignore,
  onError: ignore,
  onClose: ignore,
  onDrain: ignore,
  stopping: ignore,
  ending: ignore,
  sweep: ignore,
};

function ignore(): void {}

/**
 * A client's stream, and who listens to it: a connection changes hands several times before its first request is
 * read (CONNECT, the TLS hello, the handshake, HTTP). Listeners are attached once; only the handler changes.
 *
 * Whatever runs for a connection runs under its {@link ClientStream.guard}: what it throws ends this connection alone.
 */
import type { Clock } from '../../core/clock.ts';
import { Problem } from '../../core/problem.ts';
import { type ChunkReader, detachReader, hear } from '../transport/fast-read/fast-read.ts';
import { type Guard, guardedClock } from '../transport/guarded-clock.ts';
import type { Transport } from '../transport/transport.ts';
import type { Services, Tracked } from './services.ts';

/** Hears what befalls a client's stream, while it listens to it. */
export interface StreamHandler {
  /** True while a call is under way. */
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
  /** The stream is about to be destroyed. @returns true where only a reset tells the client that its answer is not whole */
  ending(): boolean;
  /** Something of ours threw. The stream is reset next. @returns false where nobody was told of it */
  failed(problem: Problem): boolean;
  sweep(now: number): void;
}

export class ClientStream implements Tracked, ChunkReader, Guard {
  readonly transport: Transport;
  readonly services: Services;
  /** Number of the client's connection. */
  readonly connection: number;
  #handler: StreamHandler = NOBODY;
  #drains = false;
  #clock: Clock | undefined;
  #failed = false;
  #whenTaken: (() => void) | undefined;

  /** Takes the stream over, paused. */
  constructor(services: Services, transport: Transport, connection: number) {
    const { stream } = transport;
    stream.pause();
    this.transport = transport;
    this.services = services;
    this.connection = connection;
    hear(stream, this);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    if (!stream.destroyed) services.add(this);
  }

  get busy(): boolean {
    return this.#handler.busy;
  }

  /** The engine's clock; what waits on it runs under this connection's guard. */
  get clock(): Clock {
    this.#clock ??= guardedClock(this.services.options.clock, this);
    return this.#clock;
  }

  /** Runs something of this connection. What it throws ends the connection, and nothing else. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Something of this connection threw: tells of it, and ends the connection. Never throws. */
  failed(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    try {
      const problem = Problem.from(error);
      if (!this.#handler.failed(problem)) this.#tell(problem);
    } catch {
      // What failed may be the telling.
    }
    this.transport.reset();
  }

  get handler(): StreamHandler {
    return this.#handler;
  }

  /** Hands the stream on. It is neither paused nor resumed by this. */
  setHandler(handler: StreamHandler): void {
    this.#handler = handler;
  }

  /** Nobody listens from here on: the stream is paused, its errors are heard and forgotten. */
  leave(): void {
    this.#handler = NOBODY;
    this.transport.stream.pause();
  }

  /** What is read now is the business of a stream above this one, which the engine knows as well. */
  nest(): void {
    this.leave();
    this.services.remove(this);
  }

  /** Gives the stream away for good, paused: whoever has it listens to it. */
  release(): Transport {
    const { stream } = this.transport;
    this.nest();
    detachReader(stream);
    stream.off('end', this.#onEnd);
    stream.off('close', this.#onClose);
    if (this.#drains) stream.off('drain', this.#onDrain);
    return this.transport;
  }

  /** @returns false when the client is slow: the handler's `onDrain` says when to go on */
  write(bytes: Buffer): boolean {
    const { stream } = this.transport;
    if (stream.write(bytes)) return true;
    if (!this.#drains) {
      this.#drains = true;
      stream.on('drain', this.#onDrain);
    }
    return false;
  }

  /** True while the client has not taken what was written, and is to be given no more; or has gone, and never will. */
  get slow(): boolean {
    const { stream } = this.transport;
    return stream.writableNeedDrain || stream.destroyed || stream.errored !== null;
  }

  /** Calls back once a slow client has taken all that was written, in place of the handler's `onDrain`. */
  whenTaken(then: () => void): void {
    this.#whenTaken = then;
  }

  onData(chunk: Buffer): void {
    try {
      this.#handler.onData(chunk);
    } catch (error) {
      this.failed(error);
    }
  }

  drain(): void {
    this.guard(() => this.#handler.stopping());
  }

  destroy(): void {
    this.guard(() => {
      if (this.#handler.ending()) this.transport.reset();
    });
    this.transport.stream.destroy();
  }

  sweep(now: number): void {
    this.guard(() => this.#handler.sweep(now));
  }

  #tell({ code, message }: Problem): void {
    const { connection } = this;
    const { sink, clock } = this.services.options;
    if (sink.active)
      sink.emit({ v: 1, type: 'connection.error', at: clock.wall(), connection, code, message });
  }

  readonly #onEnd = (): void => this.guard(() => this.#handler.onEnd());
  readonly #onError = (error: Error): void => {
    this.guard(() => this.#handler.onError(error));
    this.transport.stream.destroy(); // an error of TLS behind its handshake leaves the socket open
  };
  readonly #onDrain = (): void =>
    this.guard(() => {
      const then = this.#whenTaken;
      this.#whenTaken = undefined;
      if (then) then();
      else this.#handler.onDrain();
    });
  readonly #onClose = (): void => {
    this.services.remove(this);
    this.guard(() => this.#handler.onClose());
  };
}

const NOBODY: StreamHandler = {
  busy: false,
  onData: ignore,
  onEnd: ignore,
  onError: ignore,
  onClose: ignore,
  onDrain: ignore,
  stopping: ignore,
  ending: no,
  failed: no,
  sweep: ignore,
};

function ignore(): void {}

function no(): boolean {
  return false;
}

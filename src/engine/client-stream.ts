/**
 * A client's stream, and who attends to it: a connection changes hands several times before its first request is
 * read (CONNECT, the TLS hello, the handshake, HTTP). Listeners are attached once; only the attendant changes.
 *
 * Whatever runs for a connection runs under its {@link ClientStream.guard}: what it throws ends this connection alone.
 */
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { type Hearer, hear, unhear } from './direct-read.ts';
import { type Guard, guardedClock } from './guarded-clock.ts';
import type { Live, Services } from './services.ts';
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
  /** The stream is about to be destroyed. @returns true where only a reset tells the client that its answer is not whole */
  ending(): boolean;
  /** Something of ours threw. The stream is reset next. @returns false where nobody was told of it */
  failed(problem: Problem): boolean;
  sweep(now: number): void;
}

export class ClientStream implements Live, Hearer, Guard {
  readonly transport: Transport;
  readonly engine: Services;
  /** Number of the client's connection. */
  readonly connection: number;
  #attendant: Attendant = NOBODY;
  #drains = false;
  #clock: Clock | undefined;
  #failed = false;
  #whenTaken: (() => void) | undefined;

  /** Takes the stream over, paused. */
  constructor(engine: Services, transport: Transport, connection: number) {
    const { stream } = transport;
    stream.pause();
    this.transport = transport;
    this.engine = engine;
    this.connection = connection;
    hear(stream, this);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    if (!stream.destroyed) engine.add(this);
  }

  get busy(): boolean {
    return this.#attendant.busy;
  }

  /** The engine's clock; what waits on it runs under this connection's guard. */
  get clock(): Clock {
    this.#clock ??= guardedClock(this.engine.options.clock, this);
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
      if (!this.#attendant.failed(problem)) this.#tell(problem);
    } catch {
      // What failed may be the telling.
    }
    this.transport.reset();
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

  /** True while the client has not taken what was written, and is to be given no more; or has gone, and never will. */
  get slow(): boolean {
    const { stream } = this.transport;
    return stream.writableNeedDrain || stream.destroyed || stream.errored !== null;
  }

  /** Calls back once a slow client has taken all that was written, in place of the attendant's `onDrain`. */
  whenTaken(then: () => void): void {
    this.#whenTaken = then;
  }

  onData(chunk: Buffer): void {
    try {
      this.#attendant.onData(chunk);
    } catch (error) {
      this.failed(error);
    }
  }

  drain(): void {
    this.guard(() => this.#attendant.stopping());
  }

  destroy(): void {
    this.guard(() => {
      if (this.#attendant.ending()) this.transport.reset();
    });
    this.transport.stream.destroy();
  }

  sweep(now: number): void {
    this.guard(() => this.#attendant.sweep(now));
  }

  #tell({ code, message }: Problem): void {
    const { connection } = this;
    const { sink, clock } = this.engine.options;
    if (sink.active)
      sink.emit({ v: 1, type: 'connection.error', at: clock.wall(), connection, code, message });
  }

  readonly #onEnd = (): void => this.guard(() => this.#attendant.onEnd());
  readonly #onError = (error: Error): void => this.guard(() => this.#attendant.onError(error));
  readonly #onDrain = (): void =>
    this.guard(() => {
      const then = this.#whenTaken;
      this.#whenTaken = undefined;
      if (then) then();
      else this.#attendant.onDrain();
    });
  readonly #onClose = (): void => {
    this.engine.remove(this);
    this.guard(() => this.#attendant.onClose());
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
  ending: no,
  failed: no,
  sweep: ignore,
};

function ignore(): void {}

function no(): boolean {
  return false;
}

/**
 * Connections to upstreams: opened on demand, kept alive between calls, shared by all clients.
 * A connection serves one call at a time. Nothing is ever sent twice: a kept connection
 * that breaks under a request is a natural failure, reported as such.
 */
import { HeadReader } from '../../core/http1/head.ts';
import { type ChunkReader, detachReader, hear } from '../transport/fast-read/fast-read.ts';
import type { Transport } from '../transport/transport.ts';

/** Where an upstream connection leads, and what makes two of them interchangeable. */
export interface Origin {
  /** Equal keys are interchangeable. */
  readonly key: string;
  /** In words, for whoever reads what became of a call. */
  readonly name: string;
  open(signal: AbortSignal): Promise<Transport>;
}

/** The call that a connection serves. */
export interface UpstreamUser {
  upstreamData(chunk: Buffer): void;
  /** The upstream sent FIN. */
  upstreamEnd(): void;
  /** The connection is gone; `problem` is undefined after a clean end. */
  upstreamGone(error: Error | undefined): void;
  upstreamDrain(): void;
  /** One of the above threw. */
  upstreamFailed(error: unknown): void;
}

/** Where a call gets its upstream connection: the engine's pool, or the one connection of a tunnel. */
export interface Upstreams {
  /** A healthy idle connection, if there is one. */
  take(origin: Origin): UpstreamConnection | undefined;
  /** @throws (rejects) Problem with an `upstream-*` code */
  open(origin: Origin, signal: AbortSignal): Promise<UpstreamConnection>;
}

/** Who takes connections back. */
export interface Keeper {
  keep(connection: UpstreamConnection, now: number): void;
  forget(connection: UpstreamConnection): void;
}

/** How long an unused upstream connection is kept, in milliseconds. */
export const IDLE_UPSTREAM_MS = 60_000;

/** One connection to an upstream. Its listeners are set once, for life. */
export class UpstreamConnection implements ChunkReader {
  readonly origin: Origin;
  readonly transport: Transport;
  readonly #pool: Keeper;
  user: UpstreamUser | undefined;
  /** Reads the heads of all answers on this connection. */
  readonly reader = new HeadReader('response');
  /** False as soon as the connection must not carry another exchange. */
  reusable = true;
  /** Calls carried before the present one. */
  served = 0;
  idleSince = 0;
  #error: Error | undefined;

  constructor(origin: Origin, transport: Transport, pool: Keeper) {
    this.origin = origin;
    this.transport = transport;
    this.#pool = pool;
    const { stream } = transport;
    hear(stream, this);
    // Whoever opened it may have left it paused (behind the answer of an upstream proxy): it must be heard from here on.
    if (stream.isPaused()) stream.resume();
    stream.on('end', () => {
      this.reusable = false;
      const { user } = this;
      if (user) guard(user, () => user.upstreamEnd());
      else this.destroy();
    });
    stream.on('error', (error: Error) => {
      this.#error = error;
      this.reusable = false;
      stream.destroy(); // an error of TLS behind its handshake leaves the socket open, and nothing would follow
    });
    stream.on('close', () => {
      this.reusable = false;
      pool.forget(this);
      const { user } = this;
      this.user = undefined;
      if (user) guard(user, () => user.upstreamGone(this.#error));
    });
    stream.on('drain', () => {
      const { user } = this;
      if (user) guard(user, () => user.upstreamDrain());
    });
  }

  onData(chunk: Buffer): void {
    const { user } = this;
    if (user) {
      try {
        user.upstreamData(chunk);
      } catch (error) {
        user.upstreamFailed(error);
      }
    } else this.destroy(); // bytes that nobody asked for: never reuse such a connection
  }

  /** @returns false when the caller should wait for `upstreamDrain` */
  write(bytes: Buffer): boolean {
    return this.transport.stream.write(bytes);
  }

  /** The call is over; the connection goes back to the pool if it can carry another. */
  release(now: number): void {
    this.user = undefined;
    this.served += 1;
    this.#pool.keep(this, now);
  }

  /** The stream goes on without the pool (an upgrade): it has a new owner now. */
  giveAway(): void {
    this.user = undefined;
    this.reusable = false;
    const { stream } = this.transport;
    detachReader(stream);
    for (const event of ['end', 'drain']) stream.removeAllListeners(event);
  }

  /** The call is over and so is this connection. */
  destroy(): void {
    this.user = undefined;
    this.reusable = false;
    this.#pool.forget(this);
    this.transport.stream.destroy();
  }
}

/** All upstream connections of an engine. */
export class UpstreamPool implements Upstreams, Keeper {
  readonly #idle = new Map<string, UpstreamConnection[]>();
  readonly #all = new Set<UpstreamConnection>();
  #closed = false;

  get size(): number {
    return this.#all.size;
  }

  /** The most recently used one comes first. */
  take(origin: Origin): UpstreamConnection | undefined {
    const idle = this.#idle.get(origin.key);
    if (!idle) return undefined;
    for (let connection = idle.pop(); connection; connection = idle.pop()) {
      if (connection.reusable && !connection.transport.stream.destroyed) return connection;
      connection.destroy();
    }
    return undefined;
  }

  async open(origin: Origin, signal: AbortSignal): Promise<UpstreamConnection> {
    const transport = await origin.open(signal);
    const connection = new UpstreamConnection(origin, transport, this);
    this.#all.add(connection);
    return connection;
  }

  keep(connection: UpstreamConnection, now: number): void {
    const { stream } = connection.transport;
    // Bytes that wait behind a complete answer are nobody's.
    if (this.#closed || !connection.reusable || stream.destroyed || stream.readableLength > 0) {
      connection.destroy();
      return;
    }
    connection.idleSince = now;
    if (stream.isPaused()) stream.resume(); // an idle connection must hear a FIN
    const idle = this.#idle.get(connection.origin.key);
    if (idle) idle.push(connection);
    else this.#idle.set(connection.origin.key, [connection]);
  }

  forget(connection: UpstreamConnection): void {
    if (!this.#all.delete(connection)) return;
    const idle = this.#idle.get(connection.origin.key);
    const index = idle?.indexOf(connection) ?? -1;
    if (index >= 0) idle?.splice(index, 1);
    if (idle?.length === 0) this.#idle.delete(connection.origin.key);
  }

  /** Called by the engine's one sweep: closes connections that nobody used for a while. */
  sweep(now: number): void {
    for (const idle of [...this.#idle.values()]) {
      for (const connection of [...idle]) {
        if (now - connection.idleSince >= IDLE_UPSTREAM_MS) connection.destroy();
      }
    }
  }

  /** Ends the idle ones now and every other as it comes back. */
  close(): void {
    this.#closed = true;
    for (const idle of [...this.#idle.values()]) for (const connection of [...idle]) connection.destroy();
  }

  /** Ends all of them, busy or not. */
  destroy(): void {
    this.#closed = true;
    for (const connection of [...this.#all]) connection.transport.stream.destroy();
    this.#all.clear();
  }
}

/** What a call throws is its own business, not that of the socket that told it. */
function guard(user: UpstreamUser, run: () => void): void {
  try {
    run();
  } catch (error) {
    user.upstreamFailed(error);
  }
}

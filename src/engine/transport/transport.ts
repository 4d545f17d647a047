/** What the engine accepts: a TCP socket, a test's in-memory pair, or a tunnel of the fault proxy, all alike. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EndHow } from '../../core/effect.ts';
import type { Authority } from '../../core/net/authority.ts';

export type { Authority };

export interface Transport {
  readonly stream: Duplex;
  /** Address of the other end without its port, for logs. */
  readonly peer: string;
  /** Under TLS: the transport below it. Ending that one leaves out the close_notify. */
  readonly raw?: Transport;
  /** Endings that it cannot perform, each with the reason; a fault that wants one is skipped. Default: it can do all. */
  readonly impossible?: Impossible;
  /** Set where an answer that was held back whole can be no larger. Default: no limit. */
  readonly heldAnswer?: HeldAnswerLimit;
  /** Ends with RST where the transport can, else at once and without ceremony. Never throws. */
  reset(): void;
}

/** The largest answer that a transport can take once the upstream has said its last word. */
export interface HeldAnswerLimit {
  /** Its head included. */
  readonly bytes: number;
  /** In words, for whoever planned a larger one. */
  readonly reason: string;
}

/** Endings that a transport cannot perform, with the reason in words. */
export type Impossible = Readonly<Partial<Record<EndHow, string>>>;

/**
 * Bytes that a TLS socket of ours holds before it says stop. Node's 16 KiB stop and start a large body for each TLS
 * record, which takes a fifth of its speed; what is said here is also the most that one connection can hold up.
 */
export const TLS_BUFFER_BYTES = 262_144;

/** A transport over a TCP socket. */
export function socketTransport(socket: Socket): Transport {
  return new SocketTransport(socket);
}

class SocketTransport implements Transport {
  readonly stream: Socket;

  constructor(socket: Socket) {
    this.stream = socket;
  }

  /** Asked for when it is wanted: the system call costs more than all else that is known of a connection. */
  get peer(): string {
    return this.stream.remoteAddress ?? 'unknown';
  }

  reset(): void {
    if (!this.stream.destroyed) this.stream.resetAndDestroy();
  }
}

/** TLS over a transport. What that one cannot do, this one cannot do. */
export class TlsTransport implements Transport {
  readonly stream: Duplex;
  readonly raw: Transport;
  readonly impossible?: Impossible;
  readonly heldAnswer?: HeldAnswerLimit;

  constructor(stream: Duplex, raw: Transport) {
    this.stream = stream;
    this.raw = raw;
    if (raw.impossible) this.impossible = raw.impossible;
    if (raw.heldAnswer) this.heldAnswer = raw.heldAnswer;
  }

  get peer(): string {
    return this.raw.peer;
  }

  reset(): void {
    this.raw.reset();
  }
}

/** A transport over anything that is not a socket; a reset just destroys it. */
export function streamTransport(stream: Duplex, peer: string): Transport {
  return { stream, peer, reset: () => stream.destroy() };
}

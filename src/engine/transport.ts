/** What the engine accepts: a TCP socket, a test's in-memory pair, or a tunnel of the fault proxy, all alike. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Authority } from '../core/net/authority.ts';

export type { Authority };

export interface Transport {
  readonly stream: Duplex;
  /** Address of the other end without its port, for logs. */
  readonly peer: string;
  /** Under TLS: the transport below it. Ending that one leaves out the close_notify. */
  readonly raw?: Transport;
  /** Ends with RST where the transport can, else at once and without ceremony. Never throws. */
  reset(): void;
}

/** Opens a transport to a target. Rejects with a Problem of an `upstream-*` code. */
export type Dial = (target: Authority, signal: AbortSignal) => Promise<Transport>;

/** A transport over a TCP socket. */
export function socketTransport(socket: Socket): Transport {
  return {
    stream: socket,
    peer: socket.remoteAddress ?? 'unknown',
    reset: () => {
      if (!socket.destroyed) socket.resetAndDestroy();
    },
  };
}

/** A transport over anything that is not a socket; a reset just destroys it. */
export function streamTransport(stream: Duplex, peer: string): Transport {
  return { stream, peer, reset: () => stream.destroy() };
}

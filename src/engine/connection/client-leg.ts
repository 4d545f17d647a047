/**
 * What a call needs of its client: the connection that it came by, and is answered on. `client-connection.ts` is the one
 * for HTTP/1.1.
 */
import type { EndHow } from '../../core/effect.ts';
import type { Transport } from '../transport/transport.ts';
import type { Accept } from './accept.ts';
import type { ClientStream } from './client-stream.ts';
import type { ConnectionContext } from './context.ts';
import type { Services } from './services.ts';

export interface ClientLeg {
  readonly services: Services;
  readonly client: ClientStream;
  readonly transport: Transport;
  readonly context: ConnectionContext;
  /** How it goes on where it is handed over to what follows a hop. */
  readonly accept: Accept;
  /** Calls finished on this connection. */
  readonly served: number;
  /** When the bytes came that are being read, monotonic milliseconds. */
  readonly readAt: number;
  /** True once no more requests are read. */
  readonly closing: boolean;
  /** A fault waits for this connection to idle: to be called once it is not, or is gone. */
  afterIdling: (() => void) | undefined;
  /** Writes to the client. @returns false when the caller should wait until the client has taken it */
  write(bytes: Buffer): boolean;
  /** What is written from here on goes out in one piece, with {@link uncork}. */
  cork(): void;
  uncork(): void;
  /** Stops reading the request's body until {@link resume}. */
  pause(): void;
  resume(): void;
  /** The call has answered whole; the connection is ready for the next request, or ends. */
  callDone(keepAlive: boolean, now: number): void;
  /** A fault ended this connection in its own way; nothing more is written here. */
  faultEndedConnection(how: EndHow): void;
  /** Says goodbye, then waits for the client to take all that was written. */
  close(): void;
  /** Gives the stream away (a tunnel, an upgrade). @returns bytes that were read but not used */
  handOver(): Buffer | undefined;
}

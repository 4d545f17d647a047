/** How a connection goes on behind a hop (CONNECT, TLS): handed to whoever makes the hop, so that they need not know what follows. */
import type { ClientStream } from './client-stream.ts';
import type { ConnectionContext } from './context.ts';

/** Takes over a client's stream. `first` are bytes of it that were read already. */
export type Accept = (client: ClientStream, context: ConnectionContext, first?: Buffer) => void;

/** Learns what became of a connection whose client may yet refuse our certificate. */
export interface HandshakeOutcome {
  onError(error: Error): void;
  /** It was closed without a byte. */
  unheard(): void;
}

/** Reads requests from a client's stream from here on. */
export type Serve = (
  client: ClientStream,
  context: ConnectionContext,
  first: Buffer | undefined,
  doubt?: HandshakeOutcome,
) => void;

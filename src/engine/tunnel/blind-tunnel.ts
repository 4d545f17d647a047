/** A tunnel whose bytes are none of our business. */
import type { ClientStream } from '../connection/client-stream.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { OpeningTunnel } from './opening-tunnel.ts';

/** Passes a stream whose bytes are none of our business to where the client wanted it. */
export function openBlindTunnel(
  client: ClientStream,
  context: ConnectionContext,
  first: Buffer | undefined,
): void {
  const to = context.target;
  if (!to) {
    client.destroy();
    return;
  }
  new OpeningTunnel(client.services, context, to).join(client.release(), first, true);
}

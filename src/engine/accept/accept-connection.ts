/**
 * Where a connection begins: its first bytes say whether it is TLS, HTTP or something that we leave alone.
 * The outermost connection is HTTP (a proxy request or the base URL); a tunnel to a target is sniffed.
 */
import { sniff } from '../../core/tls/sniff.ts';
import type { Serve } from '../connection/accept.ts';
import type { ClientStream } from '../connection/client-stream.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { noteHttp2Only } from '../connection/http2-only.ts';
import { InitialBytes } from '../connection/initial-bytes.ts';
import { ClientConnection } from '../http1/client-connection.ts';
import { openBlindTunnel } from '../tunnel/blind-tunnel.ts';
import { interceptTls } from './tls-intercept.ts';

/** {@link Accept}: on the outermost connection, and behind each hop. */
export function acceptConnection(client: ClientStream, context: ConnectionContext, first?: Buffer): void {
  if (context.target === undefined) {
    serve(client, context, first);
    return;
  }
  const sniffing = new InitialBytes(client, (bytes) => {
    switch (sniff(bytes)) {
      case 'more':
        return false;
      case 'tls':
        return interceptTls(client, context, bytes, serve);
      case 'http':
        serve(client, context, bytes);
        return true;
      case 'h2c':
        noteHttp2Only(
          client.services,
          'a client speaks HTTP/2 without TLS in a tunnel to a target, which goes through untouched',
        );
        openBlindTunnel(client, context, bytes);
        return true;
      default:
        openBlindTunnel(client, context, bytes);
        return true;
    }
  });
  sniffing.start(first);
}

const serve: Serve = (client, context, first, doubt) => {
  new ClientConnection(client, context, acceptConnection, doubt).start(first);
};

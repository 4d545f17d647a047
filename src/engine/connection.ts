/**
 * Where a connection begins: its first bytes say whether it is TLS, HTTP or something that we leave alone.
 * The outermost connection is HTTP (a proxy request or the base URL); a tunnel to a target is sniffed.
 */
import { sniff } from '../core/tls/sniff.ts';
import type { ClientStream } from './client-stream.ts';
import { openBlindTunnel } from './connect.ts';
import type { ConnectionContext } from './context.ts';
import { FirstBytes } from './first-bytes.ts';
import { HttpConnection } from './http-connection.ts';
import { noteHttp2Only } from './http2-only.ts';
import { interceptTls } from './intercept.ts';

/** Takes over a client's stream. `first` are bytes of it that were read already. */
export function acceptConnection(client: ClientStream, context: ConnectionContext, first?: Buffer): void {
  if (context.target === undefined) {
    new HttpConnection(client, context).start(first);
    return;
  }
  const sniffing = new FirstBytes(client, (bytes) => {
    switch (sniff(bytes)) {
      case 'more':
        return false;
      case 'tls':
        return interceptTls(client, context, bytes);
      case 'http':
        new HttpConnection(client, context).start(bytes);
        return true;
      case 'h2c':
        noteHttp2Only(
          client.engine,
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

/** A connection to the stand-in inside the process. */
import type { Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

/**
 * Opens a connection that the server serves like any other.
 *
 * The two sides of a `duplexPair` do not hear of each other's destruction, so it is passed on here: a client that goes away ends
 * its exchange, and a connection that the server breaks off breaks for the client (ECONNRESET).
 *
 * @returns both sides: the client's, and the server's for ending it
 */
export function dialServer(server: Server): { client: Duplex; served: Duplex } {
  const [client, served] = duplexPair();
  served.on('error', () => {});
  client.on('close', () => served.destroy());
  served.on('close', () => {
    // An orderly end has reached the client's reading side already, perhaps behind bytes that it has yet to read.
    if (!served.writableFinished && !client.destroyed) client.destroy(connectionReset());
  });
  server.emit('connection', served);
  return { client, served };
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
}

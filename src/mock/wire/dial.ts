/** A connection to the stand-in inside the process. */
import type { Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

/** Handed to the server in one turn of the event loop: in chunks of one byte, that is work for some milliseconds. */
const TURN_BYTES = 32_768;

/**
 * Opens a connection that the server serves like any other.
 *
 * The two sides of a `duplexPair` do not hear of each other's destruction, so it is passed on here as TCP would:
 * a client that goes away ends its exchange; when the server breaks off, the client reads what came and then the end,
 * and what it still had to write fails with ECONNRESET.
 *
 * @returns both sides: the client's, and the server's for ending it
 */
export function dialServer(server: Server): { client: Duplex; served: Duplex } {
  const [client, served] = duplexPair();
  takeTurns(client);
  served.on('error', () => {});
  client.on('close', () => served.destroy());
  served.on('close', () => {
    // An orderly end is on its way to the client already.
    if (served.writableFinished || client.destroyed) return;
    if (client.writableLength > 0) {
      client.destroy(connectionReset());
      return;
    }
    client.on('end', () => client.destroy());
    client.push(null);
  });
  server.emit('connection', served);
  return { client, served };
}

/** A pair without a socket hands on all that it has in one turn, and until a large request is parsed nobody else is heard. */
function takeTurns(client: Duplex): void {
  const write = client._write.bind(client);
  let handed = 0;
  client._write = (chunk: Buffer, encoding, done) => {
    write(chunk, encoding, (error) => {
      handed += chunk.length;
      if (handed < TURN_BYTES) return done(error);
      handed = 0;
      setImmediate(done, error);
    });
  };
}

function connectionReset(): Error {
  return Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' });
}

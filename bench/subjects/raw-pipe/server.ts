/**
 * The floor of everything that passes: bytes piped, nothing parsed.
 * CONNECT is answered, TLS is served and TLS is spoken to the upstream; or, after a first byte that is not
 * CONNECT's, plain bytes go to the upstream (over TLS where the client came by the base URL).
 */
import { createServer, connect as dial, type Socket } from 'node:net';
import { type ConnectionOptions, createSecureContext, TLSSocket, connect as tlsConnect } from 'node:tls';
import { nodeSetup, pem } from '../node-setup.ts';

const { lab, task, form, port } = nodeSetup();
const { certificates, upstream } = lab;
const context = createSecureContext({ cert: pem(certificates.leafCert), key: pem(certificates.leafKey) });
const upstreamContext = createSecureContext({ ca: pem(certificates.caCert) });
const toTls: ConnectionOptions = {
  host: '127.0.0.1',
  port: upstream.tls,
  servername: 'localhost',
  secureContext: upstreamContext,
};

/** Moves bytes one way, with backpressure; the end and a failure of one side are those of the other. */
function pipe(from: Socket, to: Socket): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

function join(client: Socket, server: Socket, first?: Buffer): void {
  server.setNoDelay(true);
  pipe(client, server);
  pipe(server, client);
  if (first) server.write(first);
}

function intercept(socket: Socket): void {
  const client = new TLSSocket(socket, { isServer: true, secureContext: context });
  join(client, tlsConnect(toTls));
}

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (first: Buffer) => {
    if (first[0] !== 0x43) {
      join(socket, form === 'origin' ? tlsConnect(toTls) : dial(upstream.plain, '127.0.0.1'), first);
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (task === 'tunnel') join(socket, dial(upstream.tls, '127.0.0.1'));
    else intercept(socket);
  });
}).listen(port, '127.0.0.1');

/**
 * The floor of every injected answer: canned bytes for each chunk that arrives, over TLS after a CONNECT, else plain.
 * Nothing is parsed; the load generator's requests come in one piece each.
 */
import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { nodeSetup, pem } from '../node-setup.ts';

const { lab, port } = nodeSetup();
const { certificates, body } = lab;
const context = createSecureContext({ cert: pem(certificates.leafCert), key: pem(certificates.leafKey) });
const answer = Buffer.from(
  'HTTP/1.1 529 Overloaded\r\ncontent-type: application/json\r\nrequest-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\n' +
    'x-should-retry: true\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-injected-fault: default/http-error\r\n' +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);

function serve(socket: Socket): void {
  socket.on('data', () => socket.write(answer));
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
}

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (first: Buffer) => {
    if (first[0] !== 0x43) {
      serve(socket);
      socket.write(answer);
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    serve(new TLSSocket(socket, { isServer: true, secureContext: context }));
  });
}).listen(port, '127.0.0.1');

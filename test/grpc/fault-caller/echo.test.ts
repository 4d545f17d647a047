/** What became of plugins that echo: real TLS through the fake, with a plugin that answers every chunk with that chunk. */
import type http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { testCertificate } from '../../support/certificates.ts';
import { startFaultCaller } from '../../support/fault-caller/fault-caller.ts';
import type { ProcessTunnelData, Side } from '../../support/fault-caller/plugin-call.ts';
import { atEnd } from '../../support/proxy.ts';

const PIECE = 2048;
const SIZE = 128 * PIECE;

/** About as fast as a plugin behind gRPC answers. */
const echo: ProcessTunnelData = async ({ chunk }) => {
  await pause(3);
  return { kind: 'replace', chunk };
};
const blind: ProcessTunnelData = async ({ direction, chunk }) => {
  await pause(1);
  return { kind: 'pass-through', chunk: direction === 'to-client' ? chunk : Buffer.alloc(0) };
};

/** Comes on while the plugin is asked about what came before. */
async function sendSlowly(response: http.ServerResponse): Promise<void> {
  response.on('error', () => {});
  for (let sent = 0; sent < SIZE && !response.destroyed; sent += PIECE) {
    response.write(Buffer.alloc(PIECE));
    await pause(1);
  }
  response.end();
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: api.anthropic.com\r\nConnection: close\r\n\r\n';

function send(socket: tls.TLSSocket): void {
  socket.write(REQUEST);
}

/** Some pieces come while the plugin is asked about the one before. */
async function sendInPieces(socket: tls.TLSSocket): Promise<void> {
  for (const byte of REQUEST) {
    socket.write(byte);
    await pause(1);
  }
}

/** @returns how much came down of 1 MiB, or the error */
async function download(
  process: ProcessTunnelData,
  side: Side,
  ask: typeof send | typeof sendInPieces = send,
): Promise<number | string> {
  const certificate = testCertificate('api.anthropic.com');
  const server = https.createServer(certificate, (_request, response) => void sendSlowly(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  const fault = await startFaultCaller({ process, sides: [side], hosts: { 'api.anthropic.com:443': port } });
  atEnd(() => fault.close());
  const raw = net.connect({ port: fault.port, host: '127.0.0.1', noDelay: true });
  raw.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\n\r\n');
  await new Promise((resolve) => raw.once('data', resolve));
  const socket = tls.connect({ socket: raw, servername: 'api.anthropic.com', ca: certificate.ca });
  return new Promise((resolve) => {
    let received = 0;
    socket.on('secureConnect', () => void ask(socket));
    socket.on('data', (data: Buffer) => (received += data.length));
    socket.on('error', (error) => resolve(error.message));
    socket.on('close', () => resolve(received));
    socket.setTimeout(1_000, () => resolve(`stalls after ${received} bytes`));
  });
}

it('corrupts the download of a client whose side is wrapped', async () => {
  // Where the first byte is lost decides what TLS complains of: a type, a length, a version or a seal.
  expect(await download(echo, 'client')).toMatch(/:SSL routines:|stalls/i);
});

it('corrupts what a client sends in pieces when the server’s side is wrapped', async () => {
  expect(await download(echo, 'server', sendInPieces)).toMatch(
    /stalls after 0 bytes|alert|ECONNRESET|disconnected/i,
  );
});

it('is no trouble for a plugin that only looks on', async () => {
  expect(await download(blind, 'server')).toBeGreaterThan(SIZE);
});

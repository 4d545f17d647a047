/** The upstream of the acceptance tests: tells what it received, and sends what a path asks for. */
import { createHash } from 'node:crypto';
import type http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type tls from 'node:tls';
import zlib from 'node:zlib';
import { testCertificate } from '../certificates.ts';

export interface AcceptanceApi {
  readonly port: number;
  readonly ca: string;
  /** Connections that are open. */
  readonly connections: number;
  /** Requests with a path of the tests, `METHOD /path`; what a plugin asks on its own account is not among them. */
  readonly requests: readonly string[];
  /** Ends its connections, as a server does that waited long enough. */
  hangUp(): void;
  close(): Promise<void>;
}

export const MESSAGE = JSON.stringify({
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-5-5',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
});

const patterns = new Map<number, Buffer>();

/** The bytes that `/bytes/N` sends: no block of them looks like another. Made once; nobody writes into them. */
export function patternOf(length: number): Buffer {
  const made = patterns.get(length) ?? makePattern(length);
  patterns.set(length, made);
  return made;
}

function makePattern(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 0x9e3779b9;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @param options of its TLS, such as `maxVersion` */
export async function startAcceptanceApi(options: tls.TlsOptions = {}): Promise<AcceptanceApi> {
  const certificate = testCertificate('api.anthropic.com', 'localhost');
  const sockets = new Set<net.Socket>();
  const requests: string[] = [];
  const server = https.createServer({ ...certificate, ...options }, (request, response) => {
    if (request.method !== 'HEAD') requests.push(`${request.method} ${request.url}`);
    response.on('error', () => {});
    request.on('error', () => {});
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    ca: certificate.ca,
    requests,
    get connections() {
      return sockets.size;
    },
    hangUp,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  };
}

async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const [, what = '', argument = ''] = (request.url ?? '/').split('/');
  if (what === 'bytes') {
    request.resume();
    const body = patternOf(Number(argument));
    response.writeHead(200, { 'content-length': body.length }).end(body);
  } else if (what === 'events') {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < Number(argument) && !response.destroyed; i += 1) {
      response.write(`event: tick\ndata: {"i":${i},"at":${performance.timeOrigin + performance.now()}}\n\n`);
      await pause(2);
    }
    response.end();
  } else if (what === 'gzip') {
    request.resume();
    const body = zlib.gzipSync(MESSAGE);
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
  } else if (what === 'hash') {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      length += chunk.length;
    }
    const body = JSON.stringify({ length, sha256: hash.digest('hex') });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  } else if (what === 'never') {
    request.resume();
  } else if (what === 'reset') {
    request.resume();
    (request.socket as tls.TLSSocket).destroy();
  } else if (what === 'message') {
    request.resume();
    const headers = { 'content-type': 'application/json', 'content-length': MESSAGE.length };
    response.writeHead(200, headers).end(MESSAGE);
  } else {
    request.resume();
    response.writeHead(404).end();
  }
}

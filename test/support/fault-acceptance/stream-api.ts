/** An upstream whose answers come in the pieces, and at the pace, that a test names. */
import https from 'node:https';
import type net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import zlib from 'node:zlib';
import { testCertificate } from '../certificates.ts';
import { atEnd } from '../proxy.ts';

export interface StreamApiOptions {
  /** Pieces of the body, each written on its own. */
  readonly pieces: readonly string[];
  /** Milliseconds between two pieces. Default 5: each is a chunk of its own for the plugin. */
  readonly everyMs?: number;
  /** One JSON body with its length, in place of a stream. */
  readonly json?: boolean;
  readonly gzip?: boolean;
}

export interface StreamApi {
  readonly port: number;
  readonly ca: string;
  /** Calls that it answered, or began to. */
  readonly calls: number;
  /** `HEAD /` and the like: what the plugin asked on its own account. */
  readonly stimuli: number;
}

export async function startStreamApi(options: StreamApiOptions): Promise<StreamApi> {
  const { pieces, everyMs = 5, json = false, gzip = false } = options;
  const certificate = testCertificate('api.anthropic.com', 'localhost');
  const seen = { calls: 0, stimuli: 0 };
  const server = https.createServer(certificate, (request, response) => {
    request.resume();
    response.on('error', () => {});
    if (request.method === 'HEAD') {
      seen.stimuli += 1;
      response.writeHead(404).end();
      return;
    }
    seen.calls += 1;
    const headers = {
      'content-type': json ? 'application/json' : 'text/event-stream; charset=utf-8',
      'request-id': 'req_011CAAAAAAAAAAAAAAAAAAAA',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    };
    const whole = Buffer.from(pieces.join(''));
    if (json) {
      const body = gzip ? zlib.gzipSync(whole) : whole;
      response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
      return;
    }
    void (async () => {
      if (!request.complete)
        await new Promise((resolve) => request.once('end', resolve).once('close', resolve));
      if (!request.complete) return;
      response.writeHead(200, headers);
      for (const [nth, piece] of coded(pieces, gzip).entries()) {
        if (nth > 0 && everyMs > 0) await pause(everyMs);
        if (response.destroyed) return;
        response.write(piece);
      }
      response.end();
    })();
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: net.Socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    ca: certificate.ca,
    get calls() {
      return seen.calls;
    },
    get stimuli() {
      return seen.stimuli;
    },
  };
}

/** Each piece as one gzip member: decoders take them as one stream. */
function coded(pieces: readonly string[], gzip: boolean): readonly Buffer[] {
  return pieces.map((piece) => (gzip ? zlib.gzipSync(piece) : Buffer.from(piece)));
}

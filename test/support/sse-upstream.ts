/** An upstream that streams server-sent events (or sends one JSON body) in the coding that a test names. */
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import zlib from 'node:zlib';
import { testCertificate } from './certificates.ts';
import { atEnd } from './proxy.ts';

export const CODINGS = ['identity', 'gzip', 'br'] as const;
export type Coding = (typeof CODINGS)[number];

export interface SseUpstream {
  readonly url: URL;
  readonly ca: string;
}

/**
 * @param chunks what is sent, each flushed on its own, with `together` all in one write; a single one with `json` goes out as one
 * JSON body
 */
export async function sseUpstream(
  coding: Coding,
  chunks: readonly string[],
  options: { json?: boolean; length?: boolean; together?: boolean } = {},
): Promise<SseUpstream> {
  const certificate = testCertificate('localhost', '127.0.0.1', 'api.anthropic.com');
  const serve: http.RequestListener = (request, response) => {
    request.resume();
    response.on('error', () => {});
    const headers: http.OutgoingHttpHeaders = {
      'content-type': options.json ? 'application/json' : 'text/event-stream; charset=utf-8',
      'request-id': 'req_011CAAAAAAAAAAAAAAAAAAAA',
      ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
    };
    if (options.json || options.length) {
      const whole = encodeWhole(coding, chunks.join(''));
      response.writeHead(200, { ...headers, 'content-length': whole.length }).end(whole);
      return;
    }
    response.writeHead(200, headers);
    void (async () => {
      const coder =
        coding === 'gzip' ? zlib.createGzip() : coding === 'br' ? zlib.createBrotliCompress() : undefined;
      coder?.on('data', (bytes: Buffer) => response.write(bytes));
      for (const chunk of chunks) {
        if (coder) {
          coder.write(chunk);
          await new Promise<void>((resolve) => coder.flush(() => resolve()));
        } else response.write(chunk);
        if (!options.together) await tick();
        if (response.destroyed) return;
      }
      if (!coder) response.end();
      else coder.on('end', () => response.end()).end();
    })();
  };
  const server = https.createServer({ key: certificate.key, cert: certificate.cert }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`), ca: certificate.ca };
}

function encodeWhole(coding: Coding, text: string): Buffer {
  if (coding === 'gzip') return zlib.gzipSync(text);
  if (coding === 'br') return zlib.brotliCompressSync(text);
  return Buffer.from(text);
}

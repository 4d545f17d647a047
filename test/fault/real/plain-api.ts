/** An API without TLS: what fault's plain-HTTP way and our own proxy are led to. */
import http from 'node:http';
import type net from 'node:net';
import { atEnd } from '../../support/proxy.ts';

export interface PlainApi {
  readonly port: number;
  /** `METHOD /path?query` of each. */
  readonly requests: readonly string[];
}

/** What `/events` sends, one every 20 ms. */
export const EVENTS = Array.from({ length: 20 }, (_, i) => `event: tick\ndata: {"i":${i}}\n\n`);
/** What everything else is answered with: without a length, in chunks. */
export const ANSWER = '{"type":"message"}';

export async function startPlainApi(): Promise<PlainApi> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    if (request.url !== '/events') {
      response.writeHead(200, { 'content-type': 'application/json' }).write(ANSWER.slice(0, 5));
      setTimeout(() => response.end(ANSWER.slice(5)), 20);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = [...EVENTS];
    const timer = setInterval(() => {
      const next = events.shift();
      if (next !== undefined && !response.destroyed) return response.write(next);
      clearInterval(timer);
      response.end();
    }, 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, requests };
}

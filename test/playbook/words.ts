/** What the sides of a playbook say. */
import { OURSELVES } from './stage.ts';

export const API = 'api.anthropic.com:443';
const HOST = `Host: ${OURSELVES}\r\n`;
export const GET = `GET /v1/models HTTP/1.1\r\n${HOST}\r\n`;
export const POST = `POST /v1/messages HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\n`;
export const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
/** All of {@link ANSWER} but its last bytes. */
export const HALF_ANSWER = ANSWER.slice(0, -3);
export const UNTIL_FIN = 'HTTP/1.1 200 OK\r\n\r\nhello';
export const JSON_ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';
export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
export const LAST_CHUNK = '0\r\n\r\n';
export const CONNECTED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** The request as the upstream sees it: with its own name, and all else as it came. */
export function asUpstreamSees(request: string): string {
  return request.replace(OURSELVES, 'api.anthropic.com');
}

export function chunk(content: string): string {
  return `${content.length.toString(16)}\r\n${content}\r\n`;
}

export function sse(event: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

export function connectTo(authority: string): string {
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
}

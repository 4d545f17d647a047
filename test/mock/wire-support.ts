/** The stand-in on a port of its own, ended after each test; and a client that sees the bytes. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createMockApi, type MockApi, type MockOptions } from '../../src/mock/mock-api.ts';
import { type Body, HI } from './calls.ts';

export function atEnd(stop: () => Promise<unknown> | unknown): void {
  onTestFinished(async () => void (await stop()));
}

export interface Listening {
  readonly mock: MockApi;
  readonly port: number;
  readonly url: string;
}

export async function listening(options?: MockOptions): Promise<Listening> {
  const mock = createMockApi(options);
  atEnd(() => mock.close());
  mock.server.listen(0, '127.0.0.1');
  await once(mock.server, 'listening');
  const { port } = mock.server.address() as net.AddressInfo;
  return { mock, port, url: `http://127.0.0.1:${port}` };
}

export const HEADERS = { 'x-api-key': 'dummy', 'anthropic-version': '2023-06-01' };

export interface Received {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

/** Posts a message over a connection of its own, without decoding what comes back. */
export function post(
  port: number,
  body: Body | Buffer = HI,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        port,
        host: '127.0.0.1',
        path: '/v1/messages',
        method: 'POST',
        agent: false,
        headers: { ...HEADERS, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode, headers, rawHeaders } = response;
          resolve({ status: statusCode ?? 0, headers, rawHeaders, body: Buffer.concat(chunks) });
        });
      },
    );
    request.on('error', reject);
    request.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

/** The bytes of a request. */
export function rawPost(body: Body, extra = ''): string {
  const text = JSON.stringify(body);
  return `POST /v1/messages HTTP/1.1\r\nhost: stand-in\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n${extra}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/** A bare connection. */
export async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Collects what arrives, as text. */
export function collect(stream: Duplex): { text(): string } {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return { text: () => text };
}

/** Waits, a turn of the event loop at a time, until something holds. The test's own timeout is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

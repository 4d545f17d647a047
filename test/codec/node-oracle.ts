/** What Node's own HTTP parser makes of the same bytes: a real http.Server or client over an in-memory pair. */
import http from 'node:http';
import { duplexPair } from 'node:stream';
import type { Header } from '../../src/core/facts.ts';
import type { Message } from './read-all.ts';

export interface NodeReading {
  readonly messages: Message[];
  /** Node's error code when it refused the bytes or their end. */
  readonly error?: string;
  /** Bytes handed over after a CONNECT. */
  readonly tunnel?: string;
}

function pairs(raw: readonly string[]): Header[] {
  const list: Header[] = [];
  // llhttp keeps trailing white space of a value in some versions; it is no part of the value (RFC 9110 §5.5).
  for (let i = 0; i < raw.length; i += 2) list.push([raw[i]!, raw[i + 1]!.replace(/[\t ]+$/, '')]);
  return list;
}

function collect(message: http.IncomingMessage, start: string, done: (message: Message) => void): void {
  const headers = pairs(message.rawHeaders);
  let body = '';
  message.on('data', (chunk: Buffer) => {
    body += chunk.toString('latin1');
  });
  message.on('error', () => undefined);
  message.on('end', () => {
    if (!message.complete) return;
    const minor = message.httpVersionMinor === 0 ? 0 : 1;
    done({ start, minor, headers, body, trailers: pairs(message.rawTrailers) });
  });
}

/** Feeds `chunks` to an http.Server, then ends the connection. */
export function nodeReadsRequests(chunks: readonly Buffer[]): Promise<NodeReading> {
  return new Promise((resolve) => {
    const [ours, theirs] = duplexPair();
    const messages: Message[] = [];
    const server = http.createServer({
      requireHostHeader: false,
      maxHeaderSize: 1 << 20,
      joinDuplicateHeaders: true,
    });
    server.maxHeadersCount = 0;
    let settled = false;
    const settle = (extra: Partial<NodeReading>): void => {
      if (settled) return;
      settled = true;
      // What was parsed reaches its stream's `end` a few turns after a later error.
      setTimeout(() => {
        ours.destroy();
        theirs.destroy();
        resolve({ messages, ...extra });
      }, 0);
    };
    const take = (request: http.IncomingMessage): void => {
      collect(request, `${request.method} ${request.url}`, (message) => messages.push(message));
    };
    server.on('request', take);
    server.on('checkContinue', take);
    server.on('checkExpectation', take);
    server.on('connect', (request: http.IncomingMessage, _socket, head: Buffer) => {
      const start = `${request.method} ${request.url}`;
      messages.push({
        start,
        minor: request.httpVersionMinor === 0 ? 0 : 1,
        headers: pairs(request.rawHeaders),
        body: '',
        trailers: [],
      });
      settle({ tunnel: head.toString('latin1') });
    });
    server.on('clientError', (error: NodeJS.ErrnoException) =>
      settle({ error: error.code ?? error.message }),
    );
    theirs.on('end', () => settle({}));
    theirs.on('error', () => settle({}));
    server.emit('connection', theirs);
    ours.on('error', () => undefined);
    ours.resume();
    for (const chunk of chunks) ours.write(chunk);
    ours.end();
  });
}

/** Feeds `chunks` as the answer to a request of `method`, then ends the connection. */
export function nodeReadsResponse(chunks: readonly Buffer[], method = 'GET'): Promise<NodeReading> {
  return new Promise((resolve) => {
    const [ours, theirs] = duplexPair();
    const messages: Message[] = [];
    let settled = false;
    const settle = (extra: Partial<NodeReading>): void => {
      if (settled) return;
      settled = true;
      setTimeout(() => {
        ours.destroy();
        theirs.destroy();
        resolve({ messages, ...extra });
      }, 0);
    };
    const request = http.request({ method, createConnection: () => theirs as never, maxHeaderSize: 1 << 20 });
    request.maxHeadersCount = 0;
    request.on('response', (response) => {
      collect(response, `${response.statusCode} ${response.statusMessage}`, (message) => {
        messages.push(message);
        settle({});
      });
      response.on('error', (error: NodeJS.ErrnoException) => settle({ error: error.code ?? error.message }));
    });
    request.on('error', (error: NodeJS.ErrnoException) => settle({ error: error.code ?? error.message }));
    request.on('close', () => settle({}));
    ours.on('error', () => undefined);
    ours.resume();
    request.end();
    for (const chunk of chunks) ours.write(chunk);
    ours.end();
  });
}

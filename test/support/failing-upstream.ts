/**
 * An upstream that fails by itself, in a way of its own for each call: while it is dialled, in its handshake, before its
 * answer, in it, or by what it answers.
 */
import net from 'node:net';
import tls from 'node:tls';
import { testCertificate } from './certificates.ts';
import { freePort } from './ports.ts';
import { atEnd } from './proxy.ts';

export const NATURAL = [
  'ok',
  'stream',
  'status-429',
  'status-500',
  'status-529',
  'stream-error',
  'stream-reset',
  'stream-close',
  'reset',
  'close',
  'no-http',
  'refused',
  'dial-reset',
  'bad-tls',
  'untrusted',
] as const;
export type Natural = (typeof NATURAL)[number];

export interface FailingUpstream {
  readonly url: URL;
  readonly ca: string;
  /** How the next call goes. */
  next(natural: Natural): Promise<void>;
}

const DELTA = {
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: 'some words, and then some more. ' },
};
const event = (data: { type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const START = event({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 1 } },
} as { type: string });
const BEGUN =
  START +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as {
    type: string;
  }) +
  event(DELTA).repeat(3);
const ENDED =
  event({ type: 'content_block_stop', index: 0 } as { type: string }) +
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' } } as { type: string }) +
  event({ type: 'message_stop' });
const OVERLOADED = event({
  type: 'error',
  error: { type: 'overloaded_error', message: 'Overloaded' },
} as { type: string });

/** None of them keeps its connection, so that each call is dialled anew. */
const HEAD = 'Connection: close\r\nrequest-id: req_natural\r\n';
const json = (status: string, body: object): string => {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\n${HEAD}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
};
const failure = (type: string): object => ({
  type: 'error',
  error: { type, message: 'real' },
  request_id: 'req_natural',
});
const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const STREAM = `HTTP/1.1 200 OK\r\n${HEAD}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n`;

const ANSWERS: Partial<Record<Natural, string>> = {
  ok: json('200 OK', { type: 'message', content: [] }),
  'status-429': json('429 Too Many Requests', failure('rate_limit_error')),
  'status-500': json('500 Internal Server Error', failure('api_error')),
  'status-529': json('529 ', failure('overloaded_error')),
  stream: `${STREAM}${chunked(BEGUN + ENDED)}0\r\n\r\n`,
  'stream-error': `${STREAM}${chunked(BEGUN + OVERLOADED)}0\r\n\r\n`,
  'stream-reset': STREAM + chunked(BEGUN),
  'stream-close': STREAM + chunked(BEGUN),
  'no-http': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
};

/** A reset right behind the last byte would take it along. */
const FLUSH_MS = 30;

/** Listens on a port of its own, except while it refuses. */
export async function failingUpstream(): Promise<FailingUpstream> {
  const trusted = testCertificate('localhost', '127.0.0.1', 'api.anthropic.com');
  const stranger = testCertificate('127.0.0.1', 'stranger.example');
  let natural: Natural = 'ok';
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (raw) => {
    open.add(raw);
    raw.on('error', () => {}).on('close', () => open.delete(raw));
    if (natural === 'dial-reset') raw.once('data', () => raw.resetAndDestroy());
    else if (natural === 'bad-tls') raw.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    else serve(raw, natural === 'untrusted' ? stranger : trusted, natural);
  });
  const port = await freePort();
  const listen = (): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen();
  atEnd(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return {
    url: new URL(`https://127.0.0.1:${port}`),
    ca: trusted.ca,
    next: async (next) => {
      const refuses = next === 'refused';
      if (refuses && server.listening) {
        for (const socket of open) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
      if (!refuses && !server.listening) await listen();
      natural = next;
    },
  };
}

function serve(raw: net.Socket, { key, cert }: { key: string; cert: string }, natural: Natural): void {
  const secure = new tls.TLSSocket(raw, { isServer: true, key, cert });
  secure.on('error', () => {});
  let seen = '';
  secure.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1');
    if (!seen.includes('\r\n\r\n')) return;
    seen = '';
    const answer = ANSWERS[natural] ?? '';
    if (natural === 'reset') raw.resetAndDestroy();
    else if (natural === 'stream-reset')
      secure.write(answer, () => setTimeout(() => raw.resetAndDestroy(), FLUSH_MS));
    else secure.end(answer);
  });
}

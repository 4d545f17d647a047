/** Node's own HTTPS client through the CONNECT proxy, with every piece of its work open to a test. */
import type http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { atEnd } from '../proxy.ts';
import type { AcceptanceBench } from './bench.ts';

export interface NodeAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A TCP connection on which CONNECT was answered. */
export async function openTunnel(
  { caller }: Pick<AcceptanceBench, 'caller'>,
  options: { allowHalfOpen?: boolean } = {},
): Promise<net.Socket> {
  const raw = net.connect({ port: caller.port, host: '127.0.0.1', noDelay: true, ...options });
  atEnd(() => raw.destroy());
  raw.on('error', () => {});
  raw.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n');
  await new Promise<void>((resolve, reject) => {
    raw.once('data', () => resolve());
    raw.once('close', () => reject(new Error('no tunnel')));
  });
  return raw;
}

/** TLS in a tunnel, handshake done. */
export async function openSecure(
  bench: AcceptanceBench,
  options: tls.ConnectionOptions = {},
): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    socket: await openTunnel(bench),
    servername: 'api.anthropic.com',
    ca: bench.ca,
    ALPNProtocols: ['http/1.1'],
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed in the handshake')));
  });
  socket.on('error', () => {});
  return socket;
}

/** An agent whose connections are tunnels. */
export function tunnelAgent(bench: AcceptanceBench, options: tls.ConnectionOptions = {}): https.Agent {
  const agent = new https.Agent({ keepAlive: true });
  const create = (
    _options: unknown,
    done: (error: Error | null, socket?: tls.TLSSocket) => void,
  ): undefined => {
    openSecure(bench, options).then((socket) => done(null, socket), done);
    return undefined;
  };
  agent.createConnection = create as never;
  atEnd(() => agent.destroy());
  return agent;
}

export interface NodeCall {
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Buffer;
  readonly onRequest?: (request: http.ClientRequest) => void;
  readonly onData?: (chunk: Buffer) => void;
}

export function nodeCall(agent: https.Agent, call: NodeCall): Promise<NodeAnswer> {
  const { path, headers = {}, body, onRequest, onData } = call;
  return new Promise((resolve, reject) => {
    const length =
      body && headers['transfer-encoding'] === undefined ? { 'content-length': body.length } : {};
    const request = https.request(
      {
        agent,
        host: 'api.anthropic.com',
        method: body || onRequest ? 'POST' : 'GET',
        path,
        headers: { ...headers, ...length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          onData?.(chunk);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on('error', reject);
    if (onRequest) onRequest(request);
    else request.end(body);
  });
}

/** How a call failed that was to fail. */
export async function failure(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no failure',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

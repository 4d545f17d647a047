/** An upstream that says exactly the bytes that a test wants, and remembers exactly the bytes that it got. */
import net from 'node:net';
import tls from 'node:tls';
import { testCertificate } from './certificates.ts';

export interface UpstreamSocket {
  readonly socket: net.Socket;
  /** All bytes received so far. */
  received(): Buffer;
  /** Resolves once `text` was received so many times (once). */
  until(text: string, times?: number): Promise<void>;
  /** Resolves with how the peer ended: 'end' (FIN), 'reset', or 'close'. */
  readonly ended: Promise<'end' | 'reset' | 'close'>;
}

export interface RawUpstream {
  readonly port: number;
  readonly url: URL;
  readonly ca: string;
  readonly connections: UpstreamSocket[];
  close(): Promise<void>;
}

/** @param serve called for each connection */
export function rawUpstream(
  serve: (peer: UpstreamSocket) => void,
  options: { tls?: boolean } = {},
): Promise<RawUpstream> {
  const secure = options.tls !== false;
  const certificate = testCertificate('localhost', '127.0.0.1', 'api.anthropic.com');
  const connections: UpstreamSocket[] = [];
  const onSocket = (socket: net.Socket): void => {
    const peer = watch(socket);
    connections.push(peer);
    serve(peer);
  };
  const server = secure
    ? tls.createServer(
        { key: certificate.key, cert: certificate.cert, ALPNProtocols: ['http/1.1'] },
        onSocket,
      )
    : net.createServer({ allowHalfOpen: true }, onSocket);
  const all = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    all.add(socket);
    socket.on('close', () => all.delete(socket));
    socket.on('error', () => {});
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      resolve({
        port,
        url: new URL(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`),
        ca: certificate.ca,
        connections,
        close: () =>
          new Promise<void>((done) => {
            server.close(() => done());
            for (const socket of all) socket.destroy();
          }),
      });
    });
  });
}

/** Collects what a socket receives. */
export function watch(socket: net.Socket): UpstreamSocket {
  let seen = Buffer.alloc(0);
  const waiting: { text: string; times: number; resolve: () => void }[] = [];
  const has = (text: string, times: number): boolean => seen.toString('latin1').split(text).length > times;
  socket.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    for (const one of [...waiting]) {
      if (!has(one.text, one.times)) continue;
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve();
    }
  });
  const ended = new Promise<'end' | 'reset' | 'close'>((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', () => resolve('reset'));
    socket.on('close', () => resolve('close'));
  });
  return {
    socket,
    received: () => seen,
    ended,
    until: (text, times = 1) =>
      has(text, times) ? Promise.resolve() : new Promise((resolve) => waiting.push({ text, times, resolve })),
  };
}

/** Answers each request on a connection with `answer(n)`; requests are told by blank lines (no bodies). */
export function answering(answer: (nth: number) => string | Buffer): (peer: UpstreamSocket) => void {
  let nth = 0;
  return (peer) => {
    let handled = 0;
    peer.socket.on('data', () => {
      const heads = peer.received().toString('latin1').split('\r\n\r\n').length - 1;
      for (; handled < heads; handled += 1) {
        nth += 1;
        peer.socket.write(answer(nth));
      }
    });
  };
}

/**
 * An upstream that does whatever RFC 9112 lets a server do, and insists on its rights: once an exchange has ended a
 * connection, by what either side said or because the server would not read on, nothing more is answered on it.
 */

import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { BodyScanner, EMPTY_BODY, HeadReader, type RequestHead } from '../../src/core/http1/head.ts';
import { atEnd } from './proxy.ts';

export interface Conduct {
  readonly framing: 'length' | 'chunked' | 'until-end' | 'no-content';
  readonly minor: 0 | 1;
  readonly connection: 'close' | 'keep-alive' | undefined;
  /** Interim answers before the final one. */
  readonly interim: 0 | 1 | 2;
  /** Into how many writes, in turns of their own, the answer is cut. */
  readonly pieces: number;
  /** Answers before the whole request is there: such a server may close without having said so. */
  readonly early: boolean;
  /** Closes behind the answer, though nobody said so. */
  readonly unannounced: boolean;
  /** Leaves the closing to the other side wherever it may. */
  readonly patient: boolean;
}

export interface LawfulUpstream {
  readonly url: URL;
  readonly dialled: () => number;
  /** Calls that came on a connection which an exchange before had ended. */
  readonly misused: string[];
  /** Resolves once no connection is left that the upstream has closed. */
  settled(): Promise<void>;
}

/** @param conduct how the call with this path is to be answered; its answer's body is the path */
export async function lawfulUpstream(conduct: (path: string) => Conduct): Promise<LawfulUpstream> {
  const misused: string[] = [];
  const sockets = new Set<net.Socket>();
  const closing = new Set<Promise<unknown>>();
  let dialled = 0;
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    dialled += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket, conduct, misused, closing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    dialled: () => dialled,
    misused,
    settled: async () => {
      await Promise.all(closing);
    },
  };
}

function serve(
  socket: net.Socket,
  conduct: (path: string) => Conduct,
  misused: string[],
  closing: Set<Promise<unknown>>,
): void {
  const reader = new HeadReader('request');
  let head: RequestHead | undefined;
  let body: BodyScanner | undefined;
  let over = false;
  let answering: Promise<boolean> | undefined;
  /** @returns true when the connection goes on */
  const answer = async (
    request: RequestHead,
    how: Conduct,
    wholeRequest: Promise<void>,
  ): Promise<boolean> => {
    const { head, body, persists } = compose(request, how);
    if (how.early) {
      socket.write(head);
      await wholeRequest;
    }
    const bytes = how.early ? body : head + body;
    const size = Math.max(1, Math.ceil(bytes.length / how.pieces));
    for (let at = 0; at < bytes.length; at += size) {
      socket.write(bytes.slice(at, at + size));
      await turn();
    }
    await wholeRequest;
    if (persists && !how.unannounced) return !how.early || request.framing === EMPTY_BODY;
    if (how.patient && !how.unannounced && how.framing !== 'until-end') return false;
    closing.add(new Promise((resolve) => socket.once('close', resolve)));
    socket.end();
    return false;
  };
  let came: () => void = () => {};
  const onBytes = (chunk: Buffer): void => {
    let from = 0;
    while (from < chunk.length) {
      if (over) {
        misused.push(chunk.toString('latin1', from, from + 20));
        socket.destroy();
        return;
      }
      if (head === undefined) {
        from = reader.push(chunk, from);
        if (from < 0) return;
        head = reader.take();
        body = new BodyScanner(head.framing);
        const how = conduct(head.target);
        const request = head;
        const whole = new Promise<void>((resolve) => {
          came = resolve;
        });
        const start = how.early ? Promise.resolve() : whole;
        answering = start.then(() => answer(request, how, whole));
      }
      from = body!.push(chunk, from);
      if (!body!.done) return;
      came();
      head = undefined;
      // A client that waits for each answer, as the proxy does, has nothing to say before this is settled.
      over = true;
      void answering!.then((goesOn) => {
        over = !goesOn;
      });
    }
  };
  socket.on('data', onBytes);
  socket.on('end', () => socket.end());
}

/** An answer, and whether the connection outlives it as far as both heads say. */
function compose(request: RequestHead, how: Conduct): { head: string; body: string; persists: boolean } {
  const { target, minor } = request;
  const framing = minor === 0 && how.framing === 'chunked' ? 'length' : how.framing;
  const version = framing === 'chunked' ? 1 : how.minor;
  const untilEnd = framing === 'until-end';
  const lines = [`HTTP/1.${version} ${framing === 'no-content' ? '204 No Content' : '200 OK'}`];
  if (how.connection !== undefined) lines.push(`Connection: ${untilEnd ? 'close' : how.connection}`);
  if (framing === 'length') lines.push(`Content-Length: ${target.length}`);
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked');
  const body =
    framing === 'no-content'
      ? ''
      : framing === 'chunked'
        ? `${target.length.toString(16)}\r\n${target}\r\n0\r\n\r\n`
        : target;
  const interim = minor === 1 ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(how.interim) : '';
  const granted = how.connection === 'keep-alive' || (minor === 1 && version === 1);
  return {
    head: `${interim}${lines.join('\r\n')}\r\n\r\n`,
    body,
    persists: request.keepAlive && granted && how.connection !== 'close' && !untilEnd,
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

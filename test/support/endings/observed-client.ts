/**
 * A client that sees its connection from both sides of TLS: the plain text that it got, and what went over the wire
 * (FIN, RST, close_notify). It can leave in every way that there is.
 */
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { testAuthority } from '../modes.ts';
import { atEnd } from '../proxy.ts';
import { endsWithCloseNotify, readRecords } from '../tap.ts';

export const FACES = ['base URL', 'absolute-form', 'CONNECT', 'TLSv1.2', 'TLSv1.3'] as const;
export type Face = (typeof FACES)[number];

export const HOST = 'api.anthropic.com';

export interface ObservedClient {
  readonly face: Face;
  /** What stands in front of the path in a request line. */
  readonly prefix: string;
  write(text: string): void;
  /** Plain text that came. */
  received(): Buffer;
  /** Resolves once so many bytes of plain text came. */
  atLeast(bytes: number): Promise<void>;
  /** FIN, under TLS behind a close_notify; goes on reading. */
  halfClose(): void;
  /** FIN, and under TLS nothing in front of it. */
  fin(): void;
  reset(): void;
  /** What the proxy's side did first, once it did. */
  readonly ended: Promise<'FIN' | 'RST'>;
  endedSoFar(): 'FIN' | 'RST' | undefined;
  /** A close_notify was the last that came; true without TLS. */
  orderly(): boolean;
}

/** A TCP socket as a stream that notes what comes. */
class Wire extends Duplex {
  readonly #raw: net.Socket;
  readonly came: Buffer[] = [];
  endedBy: 'FIN' | 'RST' | undefined;
  readonly ended: Promise<'FIN' | 'RST'>;

  constructor(raw: net.Socket) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    raw.on('data', (chunk: Buffer) => {
      this.came.push(chunk);
      if (!this.push(chunk)) raw.pause();
    });
    this.ended = new Promise((resolve) => {
      const over = (how: 'FIN' | 'RST'): void => {
        this.endedBy ??= how;
        resolve(this.endedBy);
      };
      raw.on('end', () => {
        over('FIN');
        this.push(null);
      });
      raw.on('error', (error) => {
        over('RST');
        this.destroy(error);
      });
    });
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.resume(); // how it ends is still to be seen
    done(error);
  }
}

/** Connects, and shakes hands where the face wants it. */
export async function observe(face: Face, port: number): Promise<ObservedClient> {
  const raw = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  atEnd(() => raw.destroy());
  const wire = new Wire(raw);
  wire.on('error', () => {});
  const version = face === 'TLSv1.2' || face === 'TLSv1.3' ? face : undefined;
  if (version || face === 'CONNECT') {
    wire.write(`CONNECT ${HOST}:443 HTTP/1.1\r\nHost: ${HOST}:443\r\n\r\n`);
    await new Promise((resolve) => wire.once('data', resolve));
    wire.came.length = 0;
  }
  const plain: Duplex = version === undefined ? wire : await secure(wire, version);
  const came: Buffer[] = [];
  let waiting: { readonly bytes: number; readonly resolve: () => void } | undefined;
  const received = (): Buffer => Buffer.concat(came);
  plain.on('data', (chunk: Buffer) => {
    came.push(chunk);
    if (waiting && received().length >= waiting.bytes) waiting.resolve();
  });
  return {
    face,
    prefix: face === 'absolute-form' ? `http://${HOST}` : '',
    write: (text) => void plain.write(text),
    received,
    atLeast: (bytes) =>
      new Promise((resolve) => {
        if (received().length >= bytes) resolve();
        else waiting = { bytes, resolve };
      }),
    halfClose: () => void plain.end(),
    fin: () => void plain.write('', () => raw.end()),
    reset: () => void raw.resetAndDestroy(),
    ended: wire.ended,
    endedSoFar: () => wire.endedBy,
    orderly: () =>
      version === undefined ||
      endsWithCloseNotify({ records: () => readRecords(Buffer.concat(wire.came)) }, version),
  };
}

async function secure(wire: Duplex, version: 'TLSv1.2' | 'TLSv1.3'): Promise<tls.TLSSocket> {
  const ca = (await testAuthority()).certificatePem;
  const limits = { minVersion: version, maxVersion: version } as const;
  // Half-open, so that leaving is the test's to say.
  const socket = tls.connect({
    socket: wire,
    servername: HOST,
    ca,
    ALPNProtocols: ['http/1.1'],
    allowHalfOpen: true,
    ...limits,
  } as tls.ConnectionOptions);
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
  });
  return socket;
}

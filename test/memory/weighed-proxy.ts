/** A proxy in a process of its own, whose memory is weighed from outside; and peers that send it half a gigabyte. */
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { startProgram } from '../cli/built-program.ts';

export const MEGABYTE = 1024 * 1024;
export const SIZE = 500 * MEGABYTE;

export interface WeighedProxy {
  readonly port: number;
  /** Sets the mark from which growth is counted. */
  mark(): void;
  /** By how many bytes resident memory has been above the mark, at most. */
  grown(): number;
}

/** @param rules of the config file */
export async function weighedProxy(
  main: string,
  rules: readonly unknown[],
  flags: readonly string[],
): Promise<WeighedProxy> {
  const given = [
    '--standalone',
    '--proxy-port',
    '0',
    '--log-format',
    'json',
    '--config',
    'rules.json',
    ...flags,
  ];
  const { child, until } = startProgram(
    main,
    given,
    {},
    { 'rules.json': JSON.stringify({ seed: '1', rules }) },
  );
  const [, port] = await until(/"type":"ready".*?"port":(\d+)/);
  const proc = (name: string): string => `/proc/${child.pid}/${name}`;
  const status = (name: string): number => {
    const [, kilobytes] =
      new RegExp(`${name}:\\s*(\\d+) kB`).exec(readFileSync(proc('status'), 'utf8')) ?? [];
    if (kilobytes === undefined) throw new Error(`no ${name}: memory is read from /proc, as Linux has it`);
    return Number(kilobytes) * 1024;
  };
  let before = 0;
  return {
    port: Number(port),
    mark: () => {
      writeFileSync(proc('clear_refs'), '5'); // the peak is that of now
      before = status('VmRSS');
    },
    grown: () => status('VmHWM') - before,
  };
}

/** Serves each connection; all is gone when the test is over. */
export async function serve(onSocket: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

/** Writes `piece` until it is `total` bytes, as fast as the other side takes it. @returns how far it came, when it ends */
export function pour(socket: net.Socket, piece: Buffer, total: number, stuck = 60_000): Promise<number> {
  let written = 0;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const more = (): void => {
      clearTimeout(timer);
      while (written < total) {
        written += piece.length;
        if (!socket.write(piece)) {
          // A peer that takes no more is what some cases are about.
          timer = setTimeout(() => resolve(written), stuck);
          socket.once('drain', more);
          return;
        }
      }
      resolve(written);
    };
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(written);
    });
    more();
  });
}

export interface Client {
  readonly socket: net.Socket;
  /** Bytes that were read. */
  read(): number;
  /** Resolves once the connection ended, or so many bytes were read. */
  got(bytes: number): Promise<void>;
  /** The first kilobyte that came. */
  start(): string;
}

/** @param reads false: not a byte is read */
export async function connect(port: number, reads = true): Promise<Client> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  let bytes = 0;
  let start = '';
  let closed = false;
  const waiting = new Set<() => void>();
  const tell = (): void => {
    for (const look of waiting) look();
  };
  socket.on('close', () => {
    closed = true;
    tell();
  });
  if (reads)
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (start.length < 1024) start += chunk.toString('latin1', 0, 1024);
      tell();
    });
  return {
    socket,
    read: () => bytes,
    start: () => start,
    got: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!closed && bytes < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Resolves once a count stands still. */
export async function still(count: () => number, forMs = 400): Promise<void> {
  for (let last = -1; last !== count(); ) {
    last = count();
    await sleep(forMs);
  }
}

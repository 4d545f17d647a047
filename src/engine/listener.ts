/** Listens for clients, on both loopback addresses where both exist, and hands each connection to the engine. */
import net from 'node:net';
import { isLoopback } from '../core/net/loopback.ts';
import { Problem } from '../core/problem.ts';
import type { Engine } from './engine.ts';
import { openFilesLimit } from './open-files.ts';
import { socketTransport } from './transport/transport.ts';

/** How often the kernel asks whether an idle client is still there, in milliseconds. */
const KEEP_ALIVE_MS = 60_000;
/** Files that this process has open besides connections: outputs, listeners, the runtime's. */
const OWN_FILES = 40;
/** With so few files left, it is a matter of moments. */
const LAST_FILES = 4;

export interface Listening {
  readonly port: number;
  /** Addresses that we are bound to. */
  readonly hosts: readonly string[];
  /** Takes no more connections; those that stand are the engine's. */
  close(): Promise<void>;
}

/**
 * @param shared in a worker of Node's cluster: takes connections from the one socket that all workers listen on
 * @throws (rejects) Problem `port-in-use`, `no-permission` or `bad-option`
 */
export async function listen(engine: Engine, host: string, port: number, shared = false): Promise<Listening> {
  const first = await bind(engine, host, port, shared);
  const bound = (first.address() as net.AddressInfo).port;
  const servers = [first];
  const hosts = [host];
  if (host === '127.0.0.1') {
    try {
      servers.push(await bind(engine, '::1', bound, shared));
      hosts.push('::1');
    } catch {
      // No IPv6 here, or ::1 has this port taken: clients that say 127.0.0.1 are served all the same.
    }
  }
  return {
    port: bound,
    hosts,
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function bind(engine: Engine, host: string, port: number, shared: boolean): Promise<net.Server> {
  const limit = openFilesLimit();
  const server = net.createServer(
    {
      allowHalfOpen: true,
      noDelay: true,
      // A program on this machine cannot vanish without a word; asking costs four system calls a connection.
      keepAlive: !isLoopback(host),
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      pauseOnConnect: true,
    },
    (socket) => {
      // The lowest number that is free: upstreams have taken nearly all others.
      if (limit !== undefined && fileOf(socket) >= limit - LAST_FILES) tellNoFiles(engine);
      engine.accept(socketTransport(socket));
    },
  );
  // What cannot be accepted is closed without a word. So we refuse some connections earlier, which we can tell of.
  if (limit !== undefined) {
    server.maxConnections = Math.max(1, limit - OWN_FILES);
    server.on('drop', () => tellNoFiles(engine));
  }
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error, host, port)));
    server.listen({ host, port, exclusive: !shared }, () => {
      server.removeAllListeners('error');
      server.on('error', () => tellNoFiles(engine)); // a failed accept must not end the process
      resolve(server);
    });
  });
}

/** The number that the system gave to a connection; 0 where Node does not tell. */
function fileOf(socket: net.Socket): number {
  return (socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? 0;
}

function tellNoFiles(engine: Engine): void {
  engine.notice(
    'too-many-open-files',
    'this process has nearly as many files open as it may, and refuses connections of clients: raise its limit (ulimit -n), or let clients keep fewer connections open',
  );
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): Problem {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Problem(
        'port-in-use',
        `port ${port} on ${host} is taken by another program (perhaps this proxy runs already); stop it, or choose another with --proxy-port ${port + 1}, or --proxy-port 0 for any free one`,
        { cause: error },
      );
    case 'EACCES':
      return new Problem(
        'no-permission',
        `this user may not listen on port ${port}; choose one above 1023, e.g. --proxy-port 8080`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Problem('bad-option', `${host} is no address of this machine; use --host 127.0.0.1`, {
        cause: error,
      });
    default:
      return new Problem('io', `listening on ${host}:${port} failed: ${error.message}`, { cause: error });
  }
}

/**
 * The built-in stand-in for the Claude API. It serves HTTP on any connection that it is given: in-process (`dial`),
 * or from a listener (`serve.ts`). What it answers is decided by `respond.ts`, without I/O; `wire/` reads and writes.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { systemClock } from './system-clock.ts';
import { dialServer } from './wire/dial.ts';
import { createMockServer } from './wire/http-server.ts';

export interface MockOptions {
  /** Changes every id; the texts stay. Default: `stand-in`. */
  readonly seed?: string;
  /** Speed of a stream in output tokens per second; not limited by default. */
  readonly tokensPerSecond?: number;
  /** Encode answers, streams too, in gzip or br where the client accepts it, as the real API does. Default: false. */
  readonly compress?: boolean;
  /** Pad the data of events with spaces before the last brace, as the real API does. Default: true. */
  readonly padding?: boolean;
  /** Time for dates, resets and the speed of streams. Default: the system's. */
  readonly clock?: Clock;
}

export interface MockApi {
  /** Not listening yet; serves whatever reaches it by `listen` or by a `connection` event. */
  readonly server: Server;
  /** Opens a connection inside the process. The caller ends it. */
  dial(): Duplex;
  /** Ends every connection and the listener, if there is one. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Makes a stand-in. It keeps no state from call to call.
 *
 * @throws {Problem} `bad-option` for a speed that is not a positive number
 * @example
 * const mock = createMockApi({ tokensPerSecond: 50 });
 * const connection = mock.dial();
 * connection.write('HEAD /api/hello HTTP/1.1\r\nhost: stand-in\r\n\r\n');
 * await mock.close();
 */
export function createMockApi(options: MockOptions = {}): MockApi {
  const { tokensPerSecond } = options;
  if (tokensPerSecond !== undefined && !(tokensPerSecond > 0 && Number.isFinite(tokensPerSecond))) {
    throw new Problem(
      'bad-option',
      `the speed of the stand-in must be a number of tokens per second above 0, not ${tokensPerSecond}`,
    );
  }
  const server = createMockServer({
    seed: options.seed ?? 'stand-in',
    padding: options.padding ?? true,
    compress: options.compress ?? false,
    clock: options.clock ?? systemClock,
    tokensPerSecond,
  });
  const dialled = new Set<Duplex>();
  return {
    server,
    dial() {
      const { client, served } = dialServer(server);
      dialled.add(served);
      served.on('close', () => dialled.delete(served));
      return client;
    },
    close: () =>
      new Promise((resolve) => {
        // The error of a server that does not listen (any more) is no failure to close.
        server.close(() => resolve());
        server.closeAllConnections();
        for (const served of dialled) served.destroy();
      }),
  };
}

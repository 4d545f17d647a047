/** The stand-in as a listener of its own: the command `mock`. */
import type { AddressInfo } from 'node:net';
import { Problem } from '../core/problem.ts';
import { createMockApi, type MockOptions } from './mock-api.ts';

export interface ServeMockOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly options?: MockOptions;
}

/**
 * Starts to listen.
 *
 * @returns the port in use, and how to stop: every connection is ended
 * @throws {Problem} `port-in-use`, `no-permission` or `bad-option`, with the cure
 * @example
 * const mock = await serveMock({ host: '127.0.0.1', port: 0 });
 * await fetch(`http://127.0.0.1:${mock.port}/api/hello`);
 * await mock.close();
 */
export async function serveMock(
  where: ServeMockOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { host, port } = where;
  const mock = createMockApi(where.options);
  await new Promise<void>((resolve, reject) => {
    mock.server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    mock.server.listen({ host, port }, resolve);
  });
  return { port: (mock.server.address() as AddressInfo).port, close: () => mock.close() };
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Problem {
  const options = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new Problem(
        'port-in-use',
        `port ${port} on ${host} is in use: stop what listens there, or choose another with --proxy-port (0 picks a free one)`,
        options,
      );
    case 'EACCES':
      return new Problem(
        'no-permission',
        `listening on port ${port} is not permitted to this user: choose one above 1023 with --proxy-port`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Problem(
        'bad-option',
        `${host} is not an address of this machine: use --host 127.0.0.1`,
        options,
      );
    default:
      return Problem.from(error, 'io');
  }
}

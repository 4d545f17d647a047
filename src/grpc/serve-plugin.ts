/** Listens for the fault proxy: gRPC without TLS, as it calls its plugins. */
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { formatAuthority } from '../core/net/authority.ts';
import { Problem } from '../core/problem.ts';
import type { Served } from './service-definition.ts';

/** Fault refuses larger messages; one would end the tunnel, or fault itself. */
export const MAX_REPLY_BYTES = 4 * 1024 * 1024;

export interface Serving {
  readonly port: number;
  /** Takes no more calls and waits up to `graceMs` for those that run. */
  close(graceMs: number): Promise<void>;
}

/** @throws (rejects) Problem `port-in-use`, `no-permission` or `bad-option` */
export async function servePlugin(served: Served, host: string, port: number): Promise<Serving> {
  // What goes wrong is told by us, in a sentence.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': MAX_REPLY_BYTES,
    // Counts of each call and stream, which nobody here reads.
    'grpc.enable_channelz': 0,
  });
  server.addService(served.definition, served.implementation);
  const bound = await bind(server, host, port);
  // Without IPv6, or with that port taken there, callers that say 127.0.0.1 are served all the same.
  if (host === '127.0.0.1') await bind(server, '::1', bound).catch(() => {});
  return {
    port: bound,
    close: (graceMs) =>
      new Promise((resolve) => {
        const hurry = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, graceMs);
        server.tryShutdown(() => {
          clearTimeout(hurry);
          resolve();
        });
      }),
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAuthority({ host, port }), ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(bindProblem(error, host, port));
      else resolve(bound);
    });
  });
}

/** The library tells why in words alone. */
function bindProblem(error: Error, host: string, port: number): Problem {
  const { message } = error;
  const cause = { cause: error };
  if (message.includes('EADDRINUSE'))
    return new Problem(
      'port-in-use',
      `port ${port} on ${host} is taken by another program (perhaps this plugin runs already); stop it, or choose another with --port ${port + 1}, or --port 0 for any free one`,
      cause,
    );
  if (message.includes('EACCES'))
    return new Problem(
      'no-permission',
      `this user may not listen on port ${port}; choose one above 1023, e.g. --port 50051`,
      cause,
    );
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(message))
    return new Problem('bad-option', `${host} is no address of this machine; use --host 127.0.0.1`, cause);
  return new Problem('io', `listening on ${formatAuthority({ host, port })} failed: ${message}`, cause);
}

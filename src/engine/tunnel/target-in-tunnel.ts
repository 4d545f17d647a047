/**
 * A tunnel to an IP address: its TLS hello may name a target. The upstream is opened meanwhile, so that a
 * server that speaks first is not kept waiting for its client.
 */
import type { Duplex } from 'node:stream';
import { formatAuthority } from '../../core/net/authority.ts';
import { Problem } from '../../core/problem.ts';
import { readClientHello } from '../../core/tls/client-hello.ts';
import type { Accept } from '../connection/accept.ts';
import type { ClientStream } from '../connection/client-stream.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { decideConnection } from '../connection/decide-connection.ts';
import { InitialBytes } from '../connection/initial-bytes.ts';
import type { Authority } from '../transport/transport.ts';
import { OpeningTunnel } from './opening-tunnel.ts';

/**
 * How long a client may stay silent once its upstream has failed, in milliseconds. Where its hello names a target, that
 * upstream does not matter, and most hellos are here before; whoever waits for the server to speak waits in vain.
 */
const SILENT_MS = 1_000;

/** @param first bytes of the client that were read already; its CONNECT was answered */
export function lookForTarget(
  client: ClientStream,
  context: ConnectionContext,
  to: Authority,
  first: Buffer | undefined,
  accept: Accept,
): void {
  const { services, transport } = client;
  const { targets } = services.options;
  const opening = new OpeningTunnel(services, context, to);
  let upstream: Duplex | undefined;
  let cancel: (() => void) | undefined;
  let decided = false;
  const decide = (): void => {
    decided = true;
    cancel?.();
    transport.stream.off('close', onClose);
    upstream?.off('readable', onReadable);
  };
  const onClose = (): void => {
    decide();
    opening.clientLeft();
  };
  const stayBlind = (bytes: Buffer | undefined): void => {
    decide();
    opening.join(client.release(), bytes, true);
  };
  const onReadable = (): void =>
    client.guard(() => {
      if (upstream?.destroyed === false) stayBlind(looking.stop());
    });
  transport.stream.once('close', onClose);
  const look = (bytes: Buffer): boolean => {
    const hello = readClientHello(bytes);
    if (hello.kind === 'more') return false;
    if (hello.kind !== 'hello' || !hello.sni || !targets.matches(hello.sni, to.port)) {
      stayBlind(bytes);
      return true;
    }
    decide();
    opening.abandon();
    const { sni } = hello;
    const faults = decideConnection(services, context.connection, { to, sni, via: 'connect', transport });
    if (!faults) accept(client, context, bytes);
    else faults.accepted(transport, () => accept(client, { ...context, faults }, bytes));
    return true;
  };
  const looking = new InitialBytes(client, look, (bytes) => {
    if (bytes.length > 0) {
      // No hello, and yet something to say: it is for whoever is there.
      looking.stop();
      stayBlind(bytes);
      return;
    }
    onClose();
    transport.stream.end();
  });
  looking.start(first);
  const failed = ({ code, message }: Problem, end: () => void): void => {
    if (decided) return;
    cancel = client.clock.after(SILENT_MS, () => {
      decide();
      looking.stop();
      opening.tell(code, message);
      end();
    });
  };
  opening.upstream.then(
    ({ stream }) => {
      stream.on('error', () => {
        const problem = new Problem('upstream-reset', `${formatAuthority(to)} reset the connection`);
        failed(problem, () => transport.reset());
      });
      if (decided) return;
      upstream = stream;
      stream.once('readable', onReadable);
    },
    (error: unknown) => failed(Problem.from(error), () => transport.stream.destroy()),
  );
}

/** Answers CONNECT: a tunnel to a target is looked into, one to ourselves is served here, all others stay blind. */

import { renderAnswer } from '../../core/http1/answer.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import { memoLast } from '../../core/memo-last.ts';
import { parseAuthority } from '../../core/net/authority.ts';
import { canonicalIp } from '../../core/net/ip.ts';
import { Problem } from '../../core/problem.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import { tellConnectionError } from '../connection/connection-error.ts';
import { type ConnectionContext, inTunnel } from '../connection/context.ts';
import { decideConnection } from '../connection/decide-connection.ts';
import { likelyRuntime } from '../connection/likely-runtime.ts';
import { proxyErrorResponse } from '../problems/proxy-errors.ts';
import type { Authority } from '../transport/transport.ts';
import { ESTABLISHED, OpeningTunnel } from './opening-tunnel.ts';
import { lookForTarget } from './target-in-tunnel.ts';

/**
 * Answers a CONNECT and hands the stream on.
 *
 * @param rest bytes that came behind the head: they belong to the tunnel
 * @throws FramingError for an authority that is none
 */
export function answerConnect(connection: ClientLeg, head: RequestHead, rest: Buffer): void {
  const { services, context, accept } = connection;
  const to = authorityOf(head.target);
  if (services.options.self.is(to)) {
    if (context.depth > 0)
      throw new Problem('loop', 'a CONNECT to this proxy inside a CONNECT to this proxy is refused');
    const first = hand(connection, rest);
    accept(connection.client, { ...context, depth: context.depth + 1 }, first);
    return;
  }
  const inner = inTunnel(context, to, likelyRuntime(head));
  if (services.options.targets.matches(to.host, to.port)) {
    openToTarget(connection, inner, to, rest);
    return;
  }
  if (!services.options.openToOthers) {
    refuse(
      connection,
      403,
      'tunnel-refused',
      `tunnels to hosts that are no targets (${to.host}) are refused while this proxy listens beyond loopback; --allow-tunnels permits them`,
    );
    return;
  }
  if (canonicalIp(to.host) !== undefined) {
    // The name is in the TLS hello only: answer first, then look for it.
    lookForTarget(connection.client, inner, to, hand(connection, rest), accept);
    return;
  }
  const early = connection.handOver();
  const first = early ? Buffer.concat([rest, early]) : rest;
  new OpeningTunnel(services, inner, to).join(connection.client.release(), first, false);
}

/** Clients open one tunnel after another to the same place. */
const authorityOf = memoLast((target: string): Authority => parseAuthority(target));

function openToTarget(connection: ClientLeg, context: ConnectionContext, to: Authority, rest: Buffer): void {
  const { services, client, transport, accept } = connection;
  const faults = decideConnection(services, context.connection, {
    to,
    sni: undefined,
    via: 'connect',
    transport,
  });
  if (faults?.refuses) {
    transport.stream.pause();
    faults.refused(transport, (refusal) => {
      connection.write(renderAnswer({ ...refusal, headers: [...refusal.headers, ['Connection', 'close']] }));
      connection.close();
    });
    return;
  }
  const first = hand(connection, rest);
  if (!faults) accept(client, context, first);
  else faults.accepted(transport, () => accept(client, { ...context, faults }, first));
}

/** Says 200 and gives the stream away. @returns bytes of it that were read already */
function hand(connection: ClientLeg, rest: Buffer): Buffer | undefined {
  connection.transport.stream.write(ESTABLISHED, 'latin1');
  connection.handOver();
  return rest.length > 0 ? rest : undefined;
}

function refuse(connection: ClientLeg, status: number, code: string, message: string): void {
  const { services, context } = connection;
  tellConnectionError(services, context, undefined, code, message);
  connection.write(proxyErrorResponse(status, code, message, services.options.clock.wall(), true));
  connection.close();
}

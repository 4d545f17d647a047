/** What follows a 101: the connections of client and upstream speak a protocol that is not ours, and become a tunnel. */
import type { ClientLeg } from '../connection/client-leg.ts';
import type { Authority } from '../transport/transport.ts';
import type { UpstreamConnection } from '../upstream/upstream-pool.ts';
import { joinTunnel } from './join-tunnel.ts';

export function joinUpgraded(
  connection: ClientLeg,
  upstream: UpstreamConnection,
  to: Authority,
  onEnd: () => void,
): void {
  const { services, context, client } = connection;
  upstream.giveAway();
  const early = connection.handOver();
  const end = (): void => client.guard(onEnd);
  joinTunnel(services, context, client.release(), upstream.transport, to, early, end);
}

/** What follows a 101: the connections of client and upstream speak a protocol that is not ours, and become a tunnel. */
import type { ClientLeg } from './client-leg.ts';
import type { Authority } from './transport.ts';
import { joinTunnel } from './tunnel.ts';
import type { UpstreamConnection } from './upstream-pool.ts';

export function joinUpgraded(
  connection: ClientLeg,
  upstream: UpstreamConnection,
  to: Authority,
  onEnd: () => void,
): void {
  const { engine, context, client } = connection;
  upstream.giveAway();
  const early = connection.handOver();
  const end = (): void => client.guard(onEnd);
  joinTunnel(engine, context, client.release(), upstream.transport, to, early, end);
}

/** All tunnels of the fault proxy that this process serves: the door between the gRPC service and the tunnels. */
import type { RunningProxy } from '../../app/proxy.ts';
import type { Clock } from '../../core/clock.ts';
import type { TunnelAction, TunnelChunk } from './tunnel-chunk.ts';

export type { TunnelAction, TunnelChunk } from './tunnel-chunk.ts';

export interface TunnelTableOptions {
  /** The proxy whose rules, CA and events serve the tunnels; `startProxy({ listen: false, … })` makes one without a listener. */
  readonly proxy: Pick<RunningProxy, 'acceptTunnel' | 'targets' | 'bus'>;
  /** Certificate authorities to trust in upstreams besides the runtime's, PEM. */
  readonly upstreamCa?: string;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Tunnels kept at most; one more, and the one that was silent longest is closed. Default 10 000. */
  readonly capacity?: number;
  /** A tunnel without a call under way is closed after this silence, in milliseconds. Default 120 000. */
  readonly idleMs?: number;
}

/**
 * @example
 * ```ts
 * const proxy = await startProxy({ listen: false, host: '127.0.0.1', port: 0, targets, rules, ca, upstream: { kind: 'target' } });
 * const tunnels = new TunnelTable({ proxy });
 * const action = await tunnels.process({ id, side: 'server', direction: 'to-upstream', chunk }, signal);
 * ```
 */
export class TunnelTable {
  readonly #options: TunnelTableOptions;

  constructor(options: TunnelTableOptions) {
    this.#options = options;
  }

  /** Tunnels known at present. */
  get size(): number {
    return 0;
  }

  /**
   * What to do with one block. May take as long as a call takes; never rejects.
   *
   * @param signal aborts when the caller gave the tunnel up
   */
  async process({ direction, chunk }: TunnelChunk, signal: AbortSignal): Promise<TunnelAction> {
    void this.#options;
    if (signal.aborted) return { kind: 'close', reason: 'the caller gave the tunnel up' };
    return { kind: 'pass-through', chunk: direction === 'to-client' ? chunk : Buffer.alloc(0) };
  }

  /** Closes every tunnel. */
  async close(): Promise<void> {}
}

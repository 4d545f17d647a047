/** All tunnels of the fault proxy that this process serves: the door between the gRPC service and the tunnels. */
import type { SecureContext } from 'node:tls';
import type { RunningProxy } from '../../app/proxy.ts';
import type { Clock } from '../../core/clock.ts';
import { systemClock } from '../../engine/transport/system-clock.ts';
import { upstreamTrust } from '../../engine/upstream/upstream-trust.ts';
import { type Say, sayTo } from './log.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelAction, TunnelChunk } from './tunnel-chunk.ts';

export type { TunnelAction, TunnelChunk } from './tunnel-chunk.ts';

/** How often all tunnels are looked at, in milliseconds. */
const SWEEP_MS = 5_000;

/** A tunnel with a call under way is closed after this silence: nobody tells us when its client has left. */
const BUSY_MS = 900_000;

/** The same once the upstream has begun to answer: as long as the official SDKs wait by default. The API pings its streams. */
const ANSWERING_MS = 600_000;

/** Closed tunnels that are remembered: what the caller still asks about them is answered with `close`. */
const REMEMBERED = 10_000;

/** How long a client amid a call is waited for that can be told of the end only in answer to its upstream's next words. */
const LAST_WORD_MS = 500;

const STOPPED = 'the plugin is being stopped';

const WRONG_SIDE =
  'the fault proxy wraps the client side of its tunnels, and only the server side can be served: this plugin reports side SERVER, so restart fault (with one URL of this plugin)';

export interface TunnelTableOptions {
  /** The proxy whose rules, CA and events serve the tunnels; `startProxy({ listen: false, … })` makes one without a listener. */
  readonly proxy: Pick<RunningProxy, 'acceptTunnel' | 'engine' | 'targets' | 'bus'>;
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
  readonly #clock: Clock;
  readonly #say: Say;
  readonly #capacity: number;
  readonly #idleMs: number;
  readonly #tunnels = new Map<string, Tunnel>();
  /** Ids of tunnels that we closed, oldest first. */
  readonly #closed = new Set<string>();
  /** Ids of tunnels that were closed amid a call, and whose clients do not know. Undefined until the table is closed. */
  #untold: Set<string> | undefined;
  /** Called when one tunnel less is waited for; the table may be closed again, in a hurry, while it is being closed. */
  readonly #waiting = new Set<() => void>();
  #context: SecureContext | undefined;
  #cancelSweep: (() => void) | undefined;
  #wrongSideSaid = false;

  constructor(options: TunnelTableOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#say = sayTo(options.proxy.bus, this.#clock);
    this.#capacity = options.capacity ?? 10_000;
    this.#idleMs = options.idleMs ?? 120_000;
  }

  /** Tunnels known at present. */
  get size(): number {
    return this.#tunnels.size;
  }

  /**
   * What to do with one block. May take as long as a call takes; never rejects.
   *
   * @param signal aborts when the caller gave the tunnel up
   */
  async process({ id, side, direction, chunk }: TunnelChunk, signal: AbortSignal): Promise<TunnelAction> {
    if (side === 'client') return this.#refuseSide();
    if (signal.aborted) return { kind: 'close', reason: 'the caller gave the tunnel up' };
    if (chunk.length === 0) return { kind: 'pass-through', chunk };
    const known = this.#tunnels.get(id);
    if (this.#untold && !known) return this.#lastWord(id, direction, this.#untold);
    if (this.#closed.has(id)) return { kind: 'close', reason: 'the tunnel was closed before' };
    const tunnel = known ?? this.#open(id);
    const onAbort = (): void => {
      tunnel.destroy(undefined, 'the caller gave the tunnel up');
      this.#forget(id, tunnel);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await (direction === 'to-client' ? tunnel.fromUpstream(chunk) : tunnel.fromClient(chunk));
    } catch (error) {
      const reason = `the tunnel broke: ${error instanceof Error ? error.message : error}`;
      tunnel.destroy('unexpected', reason);
      return { kind: 'close', reason };
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (this.#untold && !tunnel.owing) this.#end(id, tunnel, this.#untold);
      else if (tunnel.finished) this.#forget(id, tunnel);
    }
  }

  /**
   * Closes every tunnel, for good, once the engine has ended its calls. What was made for a client and has not reached it
   * is given to it within `graceMs`, in answer to the caller's next questions. A client amid a call can be told only in
   * answer to the upstream's next words, which are waited for a while: without them, it would wait until it gives up.
   */
  async close(graceMs = 0): Promise<void> {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#untold ??= new Set();
    const untold = this.#untold;
    for (const [id, tunnel] of [...this.#tunnels])
      if (graceMs === 0 || !tunnel.owing) this.#end(id, tunnel, untold);
    await this.#fewer(() => this.#tunnels.size, graceMs);
    if (this.#tunnels.size > 0) this.#tellCut(this.#tunnels.size);
    for (const [id, tunnel] of [...this.#tunnels]) this.#end(id, tunnel, untold);
    await this.#fewer(() => untold.size, Math.min(graceMs, LAST_WORD_MS));
  }

  /** Waits until none are left, for `ms` at most. */
  async #fewer(left: () => number, ms: number): Promise<void> {
    if (left() === 0 || ms === 0) return;
    await new Promise<void>((resolve) => {
      const over = (): void => {
        this.#waiting.delete(look);
        cancel();
        resolve();
      };
      const look = (): void => {
        if (left() === 0) over();
      };
      const cancel = this.#clock.after(ms, over);
      this.#waiting.add(look);
    });
  }

  #fewerNow(): void {
    for (const look of [...this.#waiting]) look();
  }

  #tellCut(count: number): void {
    const { bus } = this.#options.proxy;
    const whose = count === 1 ? 'a client' : `${count} clients`;
    const message = `the plugin was stopped before ${whose} had got the rest of an answer that the log tells as given`;
    if (bus.active) bus.emit({ v: 1, type: 'notice', at: this.#clock.wall(), code: 'tunnels-cut', message });
  }

  /** Ends a tunnel as the table is closed; it answers no more. */
  #end(id: string, tunnel: Tunnel, untold: Set<string>): void {
    if (tunnel.untold) untold.add(id);
    if (tunnel.owing)
      tunnel.destroy('tunnel-cut', 'the plugin was stopped before its client had got the rest of its answer');
    else tunnel.destroy(undefined, STOPPED);
    this.#forget(id, tunnel);
  }

  #lastWord(id: string, direction: TunnelChunk['direction'], untold: Set<string>): TunnelAction {
    if (direction === 'to-client' && untold.delete(id)) this.#fewerNow();
    return { kind: 'close', reason: STOPPED };
  }

  #open(id: string): Tunnel {
    if (this.#tunnels.size >= this.#capacity) this.#makeRoom();
    const tunnel = new Tunnel({
      id,
      proxy: this.#options.proxy,
      secureContext: () => this.#secureContext(),
      clock: this.#clock,
      say: this.#say,
    });
    this.#tunnels.set(id, tunnel);
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, this.#sweep);
    return tunnel;
  }

  #forget(id: string, tunnel: Tunnel): void {
    if (this.#tunnels.get(id) !== tunnel) return;
    this.#tunnels.delete(id);
    this.#fewerNow();
    const { bus } = this.#options.proxy;
    if (tunnel.blind) {
      // Nothing of it is ours: the caller goes on without us, and comes again with its next byte.
      if (bus.active) bus.emit(tunnel.blind.ended(this.#clock.wall(), tunnel.activeAt));
      return;
    }
    tunnel.destroy(undefined, 'the connection was ended');
    this.#closed.add(id);
    if (this.#closed.size > REMEMBERED) this.#closed.delete(this.#closed.values().next().value as string);
  }

  /** Closes the tunnel that was silent longest; one without a call under way, if there is one. */
  #makeRoom(): void {
    let found: [string, Tunnel] | undefined;
    for (const entry of this.#tunnels) {
      if (!found || rank(entry[1]) < rank(found[1])) found = entry;
    }
    if (!found) return;
    const [id, tunnel] = found;
    if (!tunnel.blind)
      tunnel.destroy('tunnel-evicted', `closed to make room: ${this.#capacity} tunnels are open`);
    this.#forget(id, tunnel);
  }

  readonly #sweep = (): void => {
    const now = this.#clock.now();
    for (const [id, tunnel] of [...this.#tunnels]) {
      const silent = now - tunnel.activeAt;
      const limit = !tunnel.busy ? this.#idleMs : tunnel.answering ? ANSWERING_MS : BUSY_MS;
      if (silent < limit) continue;
      // A blind tunnel needs nothing of us: forgetting it closes nothing.
      if (!tunnel.blind)
        tunnel.destroy('tunnel-idle', `closed after ${Math.round(silent / 1000)} s without a byte`);
      this.#forget(id, tunnel);
    }
    this.#cancelSweep = this.#tunnels.size > 0 ? this.#clock.after(SWEEP_MS, this.#sweep) : undefined;
  };

  #refuseSide(): TunnelAction {
    if (!this.#wrongSideSaid) this.#say('tunnel-wrong-side', WRONG_SIDE);
    this.#wrongSideSaid = true;
    return { kind: 'close', reason: WRONG_SIDE };
  }

  #secureContext(): SecureContext {
    this.#context ??= upstreamTrust(this.#options.upstreamCa);
    return this.#context;
  }
}

/** Lower goes first. */
function rank(tunnel: Tunnel): number {
  return tunnel.activeAt + (tunnel.busy ? BUSY_MS : 0);
}

/** ProcessTunnelData in the terms of the fake: what is asked, what may be answered, and one call under way. */
import { PENDING, type Pending } from './task.ts';

export type Side = 'client' | 'server';

/** One block of a tunnel, as TunnelTable takes it. */
export interface TunnelBlock {
  readonly id: string;
  readonly side: Side;
  readonly direction: 'to-client' | 'to-upstream';
  readonly chunk: Buffer;
}

export type TunnelReply =
  | { readonly kind: 'pass-through'; readonly chunk: Buffer }
  | { readonly kind: 'replace'; readonly chunk: Buffer }
  | { readonly kind: 'buffer' }
  | { readonly kind: 'close'; readonly reason: string }
  /** A message without an action. */
  | { readonly kind: 'none' };

/** Whoever plays the plugin. Rejects as a gRPC call fails; `signal` aborts when the caller drops the call. */
export type ProcessTunnelData = (block: TunnelBlock, signal: AbortSignal) => Promise<TunnelReply>;

/** A future of one call. */
export class PluginCall {
  readonly #gone = new AbortController();
  #reply: TunnelReply | undefined;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(process: ProcessTunnelData, block: TunnelBlock) {
    process(block, this.#gone.signal).then(
      (reply) => {
        this.#reply = reply;
        this.#wake?.();
      },
      (error: Error) => {
        this.#error = error;
        this.#wake?.();
      },
    );
  }

  /** @throws the status of a call that failed */
  poll(wake: () => void): TunnelReply | Pending {
    if (this.#error) throw this.#error;
    if (this.#reply) return this.#reply;
    this.#wake = wake;
    return PENDING;
  }

  drop(): void {
    this.#wake = undefined;
    if (!this.#reply && !this.#error) this.#gone.abort();
  }
}

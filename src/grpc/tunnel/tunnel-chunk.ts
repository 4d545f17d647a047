/** What the fault proxy says about a tunnel, and what it is told: the terms of ProcessTunnelData without its wire format. */

/** One block of a tunnel. */
export interface TunnelChunk {
  /** The tunnel, as the caller names it; the same for both directions. */
  readonly id: string;
  /** Which of the caller's two streams is wrapped; only `server` (and ANY, which is the same) can be served. */
  readonly side: 'client' | 'server';
  /** On side SERVER: INGRESS, its read path, is `to-client`; EGRESS, its write path, is `to-upstream`. */
  readonly direction: 'to-client' | 'to-upstream';
  readonly chunk: Buffer;
}

/**
 * What the caller shall do with a block.
 * - `pass-through`: on the read path the chunk goes on; empty on the write path: forward what you hold
 * - `replace`: these bytes instead; empty: swallow on the read path, ask again on the write path
 * - `close`: end this direction
 */
export type TunnelAction =
  | { readonly kind: 'pass-through'; readonly chunk: Buffer }
  | { readonly kind: 'replace'; readonly chunk: Buffer }
  | { readonly kind: 'close'; readonly reason: string };

/** Whose turn it is to speak in an intercepted tunnel, told from what its client has said and heard. */
import type { Progress } from '../../engine/upstream/bound-upstream.ts';

/**
 * - `client`: the client may speak at any moment
 * - `upstream`: the client is silent, and all that the upstream is to get was made
 * - `ours`: the client is silent, and the engine is at work on what comes next
 * - `tick`: the client is silent and is owed something that lies ready: the upstream must be made to speak
 * - `end`: the same, and it is the last thing that the client is to hear
 * - `bye`: the client has left, or has heard everything: the upstream is to be left as well
 */
export type Turn = 'client' | 'upstream' | 'ours' | 'tick' | 'end' | 'bye';

export interface Moment {
  /** The client has said goodbye. */
  readonly gone: boolean;
  /** Nothing more will be made for the client. */
  readonly ended: boolean;
  /** Bytes that lie ready for the client. */
  readonly owed: number;
  /** The client's TLS handshake is done on our side. */
  readonly secured: boolean;
  /** It is done, but the client waits for our last flight of it (TLS 1.2). */
  readonly lastFlight: boolean;
  /**
   * The call under way: `reading`, its request still comes in; `expecting`, the same, but the client waits for
   * `100 Continue` before its body; `read`, the client waits for the answer.
   */
  readonly call: 'none' | 'reading' | 'expecting' | 'read';
  readonly progress: Progress | undefined;
  /** An answer was made that the client has not got yet. */
  readonly unheard: boolean;
  /** The engine is about to end the connection. */
  readonly closing: boolean;
}

export function turnOf(moment: Moment): Turn {
  const { owed, call, progress } = moment;
  if (moment.gone) return 'bye';
  if (moment.ended) return owed > 0 ? 'end' : 'bye';
  if (!moment.secured) return owed > 0 ? 'tick' : 'client';
  if (call === 'none') {
    if (owed > 0 && (moment.unheard || moment.lastFlight)) return 'tick';
    return moment.closing ? 'ours' : 'client';
  }
  if (progress?.hung) return 'tick';
  if (call === 'reading') return 'client';
  if (call === 'expecting') {
    if (owed > 0) return 'tick';
    return progress?.forwarded ? 'upstream' : 'ours';
  }
  if (!progress?.forwarded) return 'ours';
  return progress.sent ? 'upstream' : 'ours';
}

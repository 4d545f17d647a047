/** What is to become of a block of the caller's. */
import type { TunnelAction } from './tunnel-chunk.ts';

/** `again`: ask again soon. `hold`: the answer can wait. */
export type Verdict =
  | { readonly do: 'send'; readonly bytes: Buffer }
  | { readonly do: 'again' | 'hold' }
  | { readonly do: 'close'; readonly reason: string };

export const SWALLOW: Verdict = { do: 'send', bytes: Buffer.alloc(0) };
export const AGAIN: Verdict = { do: 'again' };
export const HOLD: Verdict = { do: 'hold' };

/** What the caller is told. */
export function actionOf(verdict: Extract<Verdict, { do: 'send' | 'close' }>): TunnelAction {
  return verdict.do === 'send'
    ? { kind: 'replace', chunk: verdict.bytes }
    : { kind: 'close', reason: verdict.reason };
}

/** The answer to whoever asks of a tunnel that was closed. */
export function closed(reason: string): Promise<TunnelAction> {
  return Promise.resolve({ kind: 'close', reason });
}

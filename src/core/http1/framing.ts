/** How the end of a message's body is told. */

export type Framing =
  /** No body. */
  | { readonly kind: 'none' }
  /** Exactly `length` bytes. */
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Everything until the connection ends (responses only). */
  | { readonly kind: 'eof' };

export const NO_BODY: Framing = Object.freeze({ kind: 'none' });
export const EMPTY_BODY: Framing = Object.freeze({ kind: 'length', length: 0 });
export const CHUNKED: Framing = Object.freeze({ kind: 'chunked' });
export const UNTIL_EOF: Framing = Object.freeze({ kind: 'eof' });

/** Keeps a request's body for rules that read it, up to a limit; beyond, the facts say `truncated`. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type BodyFacts, readBody } from '../core/anthropic/request.ts';
import { HeldBytes } from '../core/held-bytes.ts';
import type { BodySink } from '../core/http1/head.ts';

/** As large as the API lets a body of Messages be. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Bytes of a body on the wire, its framing included, that are held for rules: chunks of a few bytes are mostly framing. */
export const MAX_FRAMED_BYTES = 2 * MAX_BODY_BYTES;

export class BodyHold implements BodySink {
  readonly #coding: string;
  readonly #held = new HeldBytes();
  #framed = 0;
  /** True once the body is longer than we keep. */
  full = false;

  constructor(contentEncoding: string | undefined) {
    this.#coding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  }

  data(chunk: Buffer, start: number, end: number): void {
    if (this.full) return;
    if (this.#held.length + end - start > MAX_BODY_BYTES) this.#giveUp();
    else this.#held.add(chunk, start, end);
  }

  /** So many bytes came of the body, its framing included. */
  framed(bytes: number): void {
    this.#framed += bytes;
    if (this.#framed > MAX_FRAMED_BYTES) this.#giveUp();
  }

  /** What the body says. To be asked once: it is let go then. */
  facts(): BodyFacts {
    if (this.full) return readBody(null, 'truncated');
    // Mostly the body came in one chunk, and is read where it lies.
    const bytes = decode(this.#coding, this.#held.take());
    return bytes === undefined ? readBody(null, 'unreadable') : readBody(bytes, 'held');
  }

  #giveUp(): void {
    this.full = true;
    this.#held.clear();
  }
}

function decode(coding: string, bytes: Buffer): Buffer | undefined {
  const options = { maxOutputLength: MAX_BODY_BYTES };
  try {
    if (coding === 'identity' || coding === '') return bytes;
    if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(bytes, options);
    if (coding === 'deflate') return inflateSync(bytes, options);
    if (coding === 'br') return brotliDecompressSync(bytes, options);
  } catch {
    return undefined; // not what its header says: the facts call it unreadable
  }
  return undefined;
}

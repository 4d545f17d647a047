/** Keeps a request's body for rules that read it, up to a limit; beyond, the facts say `truncated`. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type BodyFacts, readBody } from '../core/anthropic/request.ts';
import type { BodySink } from '../core/http1/head.ts';

/** As large as the API lets a body of Messages be. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

export class BodyHold implements BodySink {
  readonly #coding: string;
  #slices: Buffer[] = [];
  #bytes = 0;
  /** True once the body is longer than we keep. */
  full = false;

  constructor(contentEncoding: string | undefined) {
    this.#coding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  }

  data(chunk: Buffer, start: number, end: number): void {
    if (this.full) return;
    this.#bytes += end - start;
    if (this.#bytes > MAX_BODY_BYTES) {
      this.full = true;
      this.#slices = [];
      return;
    }
    this.#slices.push(chunk.subarray(start, end));
  }

  /** What the body says. To be asked once: it is let go then. */
  facts(): BodyFacts {
    if (this.full) return readBody(null, 'truncated');
    const bytes = decode(this.#coding, this.#takeWhole());
    return bytes === undefined ? readBody(null, 'unreadable') : readBody(bytes, 'held');
  }

  /** Mostly the body came in one chunk, and is read where it lies. */
  #takeWhole(): Buffer {
    const slices = this.#slices;
    this.#slices = [];
    return slices.length === 1 ? slices[0]! : Buffer.concat(slices, this.#bytes);
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

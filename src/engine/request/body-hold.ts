/** Keeps a request's body for rules that read it, up to a limit; beyond, the facts say `truncated`. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type BodyFacts, readBody } from '../../core/anthropic/request.ts';
import { BodyScanner, type BodySink, type Framing } from '../../core/http1/head.ts';

/** As large as the API lets a body of Messages be. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Bytes of a body on the wire, its framing included, that are held for rules: chunks of a few bytes are mostly framing. */
export const MAX_FRAMED_BYTES = MAX_BODY_BYTES + 18 * 1024 * 1024;

/** A body as it came, in pieces, from its first byte on. */
export interface FramedBody {
  readonly framing: Framing;
  readonly pieces: readonly Buffer[];
}

/** It is held once, as it came, by whoever sends it on: here it is counted, and read out of that when it is whole. */
export class BodyHold implements BodySink {
  readonly #coding: string;
  /** The first part: mostly the only one, and read where it lies. */
  #first: Buffer | undefined;
  #bytes = 0;
  #framed = 0;
  /** True once the body is longer than we keep. */
  full = false;

  constructor(contentEncoding: string | undefined) {
    this.#coding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  }

  data(chunk: Buffer, start: number, end: number): void {
    if (this.full) return;
    this.#first = this.#bytes === 0 ? chunk.subarray(start, end) : undefined;
    this.#bytes += end - start;
    if (this.#bytes > MAX_BODY_BYTES) this.#giveUp();
  }

  /** So many bytes came of the body, its framing included. */
  framed(bytes: number): void {
    this.#framed += bytes;
    if (this.#framed > MAX_FRAMED_BYTES) this.#giveUp();
  }

  /**
   * What the body says. To be asked once: it is let go then.
   *
   * @param held the body as it came, where it may have come in parts
   */
  facts(held?: FramedBody): BodyFacts {
    if (this.full) return readBody(null, 'truncated');
    const content = this.#first ?? (held === undefined ? NOTHING : this.#readOut(held));
    this.#first = undefined;
    const bytes = decode(this.#coding, content);
    return bytes === undefined ? readBody(null, 'unreadable') : readBody(bytes, 'held');
  }

  #readOut({ framing, pieces }: FramedBody): Buffer {
    const all = Buffer.allocUnsafeSlow(this.#bytes);
    let length = 0;
    const sink: BodySink = {
      data: (chunk, start, end) => {
        length += chunk.copy(all, length, start, end);
      },
    };
    const scanner = new BodyScanner(framing, sink);
    for (const piece of pieces) scanner.push(piece, 0);
    return all;
  }

  #giveUp(): void {
    this.full = true;
    this.#first = undefined;
  }
}

const NOTHING = Buffer.alloc(0);

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

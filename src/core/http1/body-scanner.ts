/** Finds the end of a message's body in a connection's chunks, whatever way its length is told. */
import type { Header } from '../facts.ts';
import type { BodySink } from './body-sink.ts';
import { ChunkedScan } from './chunked-scan.ts';
import type { Framing } from './framing.ts';
import type { MessageKind } from './framing-error.ts';

const NO_TRAILERS: readonly Header[] = Object.freeze([]);

/**
 * Counts a body to its end. The bytes to forward unchanged are `chunk.subarray(from, push(chunk, from))`;
 * a sink is needed only by those who read the payload.
 */
export class BodyScanner {
  private readonly framing: Framing;
  private remaining: number;
  private finished: boolean;
  private readonly chunked: ChunkedScan | undefined;
  private readonly sink: BodySink | undefined;

  /** @param kind whose body it is: decides whom a FramingError blames */
  constructor(framing: Framing, sink?: BodySink, kind: MessageKind = 'request') {
    this.framing = framing;
    this.sink = sink;
    this.remaining = framing.kind === 'length' ? framing.length : 0;
    this.finished = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
    this.chunked = framing.kind === 'chunked' ? new ChunkedScan(kind, sink) : undefined;
  }

  /** The message is complete. */
  get done(): boolean {
    return this.finished;
  }

  /** Fields after a chunked body, once it is done; refused when they could change what the head said. */
  get trailers(): readonly Header[] {
    return this.chunked?.trailers ?? NO_TRAILERS;
  }

  /**
   * Reads on from `chunk[from]`. Returns the index after this message's last byte in the chunk, which is
   * `chunk.length` when more is to come. Throws FramingError on a malformed chunk or trailer.
   */
  push(chunk: Buffer, from: number): number {
    if (this.finished) return from;
    switch (this.framing.kind) {
      case 'length': {
        const end = Math.min(chunk.length, from + this.remaining);
        this.remaining -= end - from;
        if (this.remaining === 0) this.finished = true;
        if (end > from) this.sink?.data(chunk, from, end);
        return end;
      }
      case 'chunked': {
        const end = this.chunked!.push(chunk, from);
        if (end < 0) return chunk.length;
        this.finished = true;
        return end;
      }
      case 'eof':
        if (chunk.length > from) this.sink?.data(chunk, from, chunk.length);
        return chunk.length;
      default:
        return from;
    }
  }

  /** The connection ended here: is the message complete? (A body told by EOF cannot be told from a cut one.) */
  eof(): boolean {
    if (this.framing.kind === 'eof') this.finished = true;
    return this.finished;
  }
}

/** Who hears a stream: kept at the stream itself, so that hearing it takes no closure. */
import type { Duplex } from 'node:stream';

/** Hears the bytes of a stream. */
export interface ChunkReader {
  onData(chunk: Buffer): void;
}

const READER = Symbol('reader');

interface Heard extends Duplex {
  [READER]: ChunkReader;
}

export function setReader(stream: Duplex, reader: ChunkReader): void {
  (stream as Heard)[READER] = reader;
}

/** A listener of `data`: gives the chunk to the stream's reader. */
export function giveChunk(this: Duplex, chunk: Buffer): void {
  (this as Heard)[READER].onData(chunk);
}

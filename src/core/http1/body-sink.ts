/** Who reads a body's payload, while it is followed to its end. */

/** Takes the payload without its framing. Called in order, with slices of the pushed chunk. */
export interface BodySink {
  data(chunk: Buffer, start: number, end: number): void;
  /**
   * Called instead, if it is there, for a chunk of the chunked coding that lies whole in the bytes and has no extension:
   * `[start, end)` is its data, `[from, to)` the same with its framing.
   */
  wholeChunk?(bytes: Buffer, from: number, start: number, end: number, to: number): void;
}

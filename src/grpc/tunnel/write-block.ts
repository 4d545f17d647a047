/**
 * The block that the caller's write path holds. After an empty answer the caller sends the same block again, grown
 * by what arrived meanwhile; after any other answer it has dropped it, and a new one begins.
 */
const NOTHING = Buffer.alloc(0);

/** Size of the caller's copy buffer. Only a block of this size is certain not to have grown behind our back. */
export const FULL_BLOCK = 8192;

export class WriteBlock {
  #seen: Buffer = NOTHING;

  /** @returns those bytes of `chunk` that were not there before */
  fresh(chunk: Buffer): Buffer {
    const known = this.#seen;
    this.#seen = chunk;
    const again = chunk.length >= known.length && chunk.subarray(0, known.length).equals(known);
    return again ? chunk.subarray(known.length) : chunk;
  }

  /** The caller was told to drop the block. */
  dropped(): void {
    this.#seen = NOTHING;
  }
}

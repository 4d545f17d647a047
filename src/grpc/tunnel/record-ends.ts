/** Follows a stream of TLS records, to tell which chunks end one: only of those can anything be decrypted. */

const HEADER = 5;

export class RecordEnds {
  /** The header that is being read. */
  #header: number[] = [];
  /** Bytes of the present record that are still to come. */
  #left = 0;

  /** @returns true when a record ends in this chunk */
  see(chunk: Buffer): boolean {
    let ended = false;
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
      } else {
        this.#header.push(chunk[at] as number);
        at += 1;
        if (this.#header.length < HEADER) continue;
        this.#left = ((this.#header[3] as number) << 8) | (this.#header[4] as number);
        this.#header = [];
      }
      if (this.#left === 0 && this.#header.length === 0) ended = true;
    }
    return ended;
  }
}

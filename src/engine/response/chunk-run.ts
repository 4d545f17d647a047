/** Chunks of an answer's body, one behind the other, that go on as they lie there, with their framing. */

export interface FramedDeltas {
  /** The chunks, framing and all. */
  readonly bytes: Buffer;
  readonly deltas: number;
  /** Bytes of the deltas, without the framing. */
  readonly content: number;
}

export class ChunkRun {
  #bytes: Buffer | undefined;
  #from = 0;
  #to = 0;
  #deltas = 0;
  #content = 0;
  /** How many deltas more may go by unseen; 0 while no run is open. */
  spare = 0;

  /** Opens a run of chunks of `bytes`, from `from` on. */
  begin(bytes: Buffer, from: number, spare: number): void {
    this.#bytes = bytes;
    this.#from = from;
    this.#deltas = 0;
    this.#content = 0;
    this.spare = spare;
  }

  /** Takes in the next chunk, which ends at `to`. */
  add(to: number, deltas: number, content: number): void {
    this.#to = to;
    this.#deltas += deltas;
    this.#content += content;
    this.spare -= deltas;
  }

  /** Closes the run, if one is open. */
  take(): FramedDeltas | undefined {
    const bytes = this.#bytes;
    if (bytes === undefined) return undefined;
    this.#bytes = undefined;
    this.spare = 0;
    return { bytes: bytes.subarray(this.#from, this.#to), deltas: this.#deltas, content: this.#content };
  }
}

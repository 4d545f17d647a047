/** Puts together what one read brought of a payload: hundreds of short parts, where every event is a chunk of its own. */

/** Longer parts are copied by the runtime: its call costs as much as a loop over so many bytes. */
const CALL_BYTES = 512;

/** Room for the parts of most reads. So little comes out of a pool, and is nothing to collect. */
const FIRST_BYTES = 2048;

export class ReadParts {
  #chunk: Buffer | undefined;
  #from: DataView | undefined;
  /** The first part, as it lies in the chunk. */
  #start = 0;
  #end = 0;
  /** All parts, once there is a second one. */
  #all: Buffer | undefined;
  #to: DataView | undefined;
  #length = 0;

  /** Takes a part. All parts until {@link take} are of one chunk, in order. */
  add(chunk: Buffer, start: number, end: number): void {
    if (this.#chunk === undefined) {
      this.#chunk = chunk;
      this.#start = start;
      this.#end = end;
      return;
    }
    if (this.#all === undefined) {
      this.#from = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
      this.#length = 0;
      this.#copy(chunk, this.#start, this.#end);
    }
    this.#copy(chunk, start, end);
  }

  /** All parts as one, uncopied where there is one only; undefined without any. Begins anew. */
  take(): Buffer | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined) return undefined;
    const all = this.#all;
    this.#chunk = undefined;
    this.#from = undefined;
    this.#all = undefined;
    this.#to = undefined;
    return all === undefined ? chunk.subarray(this.#start, this.#end) : all.subarray(0, this.#length);
  }

  #copy(chunk: Buffer, start: number, end: number): void {
    const length = this.#length;
    this.#length = length + end - start;
    if (this.#all === undefined || this.#length > this.#all.length) this.#grow(length);
    if (end - start > CALL_BYTES) {
      chunk.copy(this.#all!, length, start, end);
      return;
    }
    const from = this.#from!;
    const to = this.#to!;
    const shift = length - start;
    let at = start;
    for (; at + 4 <= end; at += 4) to.setInt32(at + shift, from.getInt32(at, true), true);
    for (; at < end; at++) to.setUint8(at + shift, from.getUint8(at));
  }

  /** @param held bytes to keep */
  #grow(held: number): void {
    const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * this.#length));
    this.#all?.copy(larger, 0, 0, held);
    this.#all = larger;
    this.#to = new DataView(larger.buffer, larger.byteOffset, larger.length);
  }
}

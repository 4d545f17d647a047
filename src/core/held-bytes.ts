/**
 * Bytes that came in pieces and are kept until somebody needs them. A slice costs some hundred bytes beside its own:
 * short pieces are copied together, so that what is kept costs what it is long, however it was cut.
 */

/** Longer pieces are kept where they lie. */
const COPIED_BYTES = 2048;
/** Short pieces are copied into blocks of this size at most, and of no more than was kept so far. */
const BLOCK_BYTES = 65_536;

export class HeldBytes {
  #pieces: Buffer[] = [];
  /** Takes short pieces; the last of `#pieces`. */
  #block: Buffer | undefined;
  #filled = 0;
  #length = 0;

  /** Bytes kept. */
  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer, start = 0, end = chunk.length): void {
    const size = end - start;
    if (size <= 0) return;
    // The only piece is mostly the first: it stays where it lies.
    if (size > COPIED_BYTES || this.#length === 0) {
      this.#seal();
      this.#pieces.push(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    } else this.#copy(chunk, start, end);
    this.#length += size;
  }

  /** Puts bytes in front of all others. */
  prepend(bytes: Buffer): void {
    this.#pieces.unshift(bytes);
    this.#length += bytes.length;
  }

  /** What is kept, as it lies; it stays. */
  get pieces(): readonly Buffer[] {
    this.#seal();
    return this.#pieces;
  }

  /** All that is kept, in as few pieces as it lies in; keeps nothing from then on. */
  takePieces(): Buffer[] {
    this.#seal();
    const pieces = this.#pieces;
    this.clear();
    return pieces;
  }

  /** The same as one, uncopied where it lies in one piece. */
  take(): Buffer {
    const length = this.#length;
    const pieces = this.takePieces();
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length);
  }

  clear(): void {
    this.#pieces = [];
    this.#block = undefined;
    this.#length = 0;
  }

  #copy(chunk: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) {
      if (this.#block === undefined || this.#filled === this.#block.length) this.#open();
      const block = this.#block!;
      const copied = chunk.copy(block, this.#filled, at, end);
      at += copied;
      this.#filled += copied;
    }
  }

  #open(): void {
    const size = Math.min(BLOCK_BYTES, Math.max(2 * COPIED_BYTES, this.#length));
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#filled = 0;
    this.#pieces.push(this.#block);
  }

  /** What follows does not go into the block. */
  #seal(): void {
    if (this.#block === undefined) return;
    this.#pieces[this.#pieces.length - 1] = this.#block.subarray(0, this.#filled);
    this.#block = undefined;
  }
}

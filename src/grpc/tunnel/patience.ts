/** How long a block is kept before it is asked for again: short first, since its client may be about to go on. */
const AGAIN_MS = [2, 4, 8, 10] as const;

/** A client that said nothing for this many questions is asked less often. */
const PATIENCE = 100;
const PATIENT_MS = 50;

export class Patience {
  #asked = 0;

  /** The client said something new. */
  heard(): void {
    this.#asked = 0;
  }

  /** The block is asked for again. */
  asked(): void {
    this.#asked += 1;
  }

  /** Milliseconds to wait before the next question. */
  get ms(): number {
    return this.#asked > PATIENCE ? PATIENT_MS : (AGAIN_MS[this.#asked] ?? AGAIN_MS[3]);
  }
}

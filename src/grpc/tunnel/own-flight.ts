/** The first words to the upstream, kept to see whether they come back as a client's: then we stand in the tunnel twice. */
export class OwnFlight {
  #bytes: Buffer | undefined;
  #spoken = false;

  /** Bytes that go to the upstream. */
  sent(bytes: Buffer): void {
    if (this.#spoken || bytes.length === 0) return;
    this.#spoken = true;
    this.#bytes = bytes;
  }

  /** True if a block is what was sent; asked for the first one after it. No client says the same: a TLS hello is random. */
  isIn(block: Buffer): boolean {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return bytes?.equals(block) === true;
  }
}

/** Gathers the lines of one turn of the event loop into one write: a log line must not cost a system call. */

/** As much of a stream as lines need. */
export interface TextOutput {
  write(text: string): unknown;
}

export class LineWriter {
  readonly #output: TextOutput;
  #held = '';
  #planned = false;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  /** @param line without its line end */
  line(line: string): void {
    this.#held += `${line}\n`;
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => this.flush());
  }

  /** Writes now what is held. */
  flush(): void {
    this.#planned = false;
    if (this.#held === '') return;
    const held = this.#held;
    this.#held = '';
    this.#output.write(held);
  }
}

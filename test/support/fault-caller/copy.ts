/** tokio 1.52's `io::copy`, poll by poll: its 8 KiB buffer is topped up from the reader while the writer is pending. */
import { PENDING, type Pending, type PolledStream } from './task.ts';

const BUFFER_SIZE = 8192;

export class Copy {
  readonly #reader: PolledStream;
  readonly #writer: PolledStream;
  readonly #buffer = Buffer.alloc(BUFFER_SIZE);
  #from = 0;
  #to = 0;
  #readDone = false;

  constructor(reader: PolledStream, writer: PolledStream) {
    this.#reader = reader;
    this.#writer = writer;
  }

  /** @returns 'done' at the end of the reader. @throws the error of either stream */
  poll(wake: () => void): 'done' | Pending {
    for (;;) {
      if (this.#to < BUFFER_SIZE && !this.#readDone) {
        const filled = this.#fill(wake);
        if (filled === PENDING && this.#from === this.#to) return PENDING;
      }
      while (this.#from < this.#to) {
        const taken = this.#writer.pollWrite(this.#buffer.subarray(this.#from, this.#to), wake);
        if (taken === PENDING) {
          if (!this.#readDone && this.#to < BUFFER_SIZE) this.#fill(wake);
          return PENDING;
        }
        if (taken === 0) throw new Error('write zero byte into writer');
        this.#from += taken;
      }
      this.#from = 0;
      this.#to = 0;
      if (this.#readDone) return 'done';
    }
  }

  #fill(wake: () => void): Pending | undefined {
    const chunk = this.#reader.pollRead(BUFFER_SIZE - this.#to, wake);
    if (chunk === PENDING) return PENDING;
    if (chunk.length === 0) this.#readDone = true;
    chunk.copy(this.#buffer, this.#to);
    this.#to += chunk.length;
    return undefined;
  }
}

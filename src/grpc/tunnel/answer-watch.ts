/**
 * Follows one call on an upstream's connection to tell when its whole answer has come, whether the engine has read
 * it or not: from then on the upstream will not speak again by itself, and what is said to the client must go out
 * with the words that are here.
 */
import { BodyScanner, HeadReader } from '../../core/http1/head.ts';

export class AnswerWatch {
  readonly #reader = new HeadReader('response');
  #method: string | undefined;
  #scanner: BodyScanner | undefined;
  #begun = false;
  #complete = false;
  /** What comes is not what we take it for: nothing is known any more. */
  #lost = false;

  /** The answer has begun. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Its head is here, and some of its body is still to come. */
  get amid(): boolean {
    return this.#scanner !== undefined && !this.#complete;
  }

  /** Every byte of the answer is here. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Bytes of the request: the first of them tell its method. */
  request(bytes: Buffer): void {
    if (this.#method !== undefined) return;
    const end = bytes.indexOf(0x20);
    this.#method = bytes.toString('latin1', 0, Math.max(0, end));
  }

  /** Bytes of the upstream, none left out. */
  answer(chunk: Buffer): void {
    if (this.#complete || this.#lost) return;
    this.#begun = true;
    try {
      this.#read(chunk);
    } catch {
      this.#lost = true; // the engine reads the same, and says what is wrong
    }
  }

  /** The upstream is gone. */
  over(): void {
    this.#complete = true;
  }

  #read(chunk: Buffer): void {
    let from = 0;
    while (!this.#scanner) {
      const end = this.#reader.push(chunk, from);
      if (end < 0) return;
      const head = this.#reader.take();
      from = end;
      if (head.status === 101) {
        this.#lost = true;
        return;
      }
      if (head.status >= 200)
        this.#scanner = new BodyScanner(head.framingFor(this.#method ?? ''), undefined, 'response');
    }
    this.#scanner.push(chunk, from);
    this.#complete = this.#scanner.done;
  }
}

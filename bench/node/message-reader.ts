/** Finds the end of HTTP/1.1 messages, as `native/http.c` does; for the stand-ins in Node. Trusts its peers. */

type State = 'head' | 'fixed' | 'size' | 'chunk' | 'chunk-end' | 'trailer';

export class MessageReader {
  #state: State = 'head';
  #line = '';
  #remaining = 0;
  /** The head as latin1 text, once it was read. */
  head = '';

  get status(): number {
    return Number(this.head.slice(9, 12));
  }

  header(name: string): string | undefined {
    return new RegExp(`\r\n${name}: *([^\r\n]*)`, 'i').exec(this.head)?.[1];
  }

  #reset(): true {
    this.#state = 'head';
    this.#line = '';
    return true;
  }

  /** Reads the head's end: true if the message has no body. */
  #headDone(): boolean {
    this.head = this.#line;
    this.#line = '';
    if (this.header('transfer-encoding') === 'chunked') {
      this.#state = 'size';
      return false;
    }
    this.#remaining = Number(this.header('content-length') ?? 0);
    this.#state = 'fixed';
    return this.#remaining === 0;
  }

  /** One line of the chunked coding; true when it ended the message. */
  #lineDone(line: string): boolean {
    if (this.#state === 'size') {
      this.#remaining = Number.parseInt(line, 16);
      this.#state = this.#remaining > 0 ? 'chunk' : 'trailer';
    } else if (this.#state === 'chunk-end') {
      this.#state = 'size';
    } else {
      return line === '';
    }
    return false;
  }

  /**
   * Takes in a chunk; messages do not overlap, so its end is the message's end.
   *
   * @returns true when the message is complete
   */
  push(chunk: Buffer, onBody?: (bytes: Buffer) => void): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'head') {
        const text = this.#line + chunk.toString('latin1', at);
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) {
          this.#line = text;
          return false;
        }
        at += end + 4 - this.#line.length;
        this.#line = text.slice(0, end);
        if (this.#headDone()) return this.#reset();
      } else if (this.#state === 'fixed' || this.#state === 'chunk') {
        const size = Math.min(this.#remaining, chunk.length - at);
        onBody?.(chunk.subarray(at, at + size));
        at += size;
        this.#remaining -= size;
        if (this.#remaining > 0) return false;
        if (this.#state === 'fixed') return this.#reset();
        this.#state = 'chunk-end';
      } else {
        const end = chunk.indexOf(10, at);
        this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end + 1);
        if (end < 0) return false;
        at = end + 1;
        const line = this.#line.trimEnd();
        this.#line = '';
        if (this.#lineDone(line)) return this.#reset();
      }
    }
    return false;
  }
}

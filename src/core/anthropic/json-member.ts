/** Takes one object out of a JSON text that passes in pieces, and holds nothing else of it. */

/** No `usage` comes near it; a longer object is given up. */
const MAX_BYTES = 64 * 1024;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Finds the object that the top-level object has under a name. Of several the last counts, as for `JSON.parse`.
 * Text that is no JSON finds nothing, or something that does not parse; it never throws.
 *
 * @example
 * const usage = new JsonMember('usage');
 * usage.push(Buffer.from('{"id":"msg_1","usage":{"input_'));
 * usage.push(Buffer.from('tokens":3}}'));
 * usage.text; // '{"input_tokens":3}'
 */
export class JsonMember {
  readonly #name: Buffer;
  #found: string | undefined;
  #depth = 0;
  #string = false;
  #escaped = false;
  /** The next string is a name of the top-level object. */
  #nameNext = false;
  /** Bytes of the current name that are as wanted; −1: it is another, or no name. */
  #same = -1;
  /** The value that follows is the one. */
  #wanted = false;
  #held: Buffer[] | undefined;
  #heldBytes = 0;

  /** @param name in plain ASCII: a name written with escapes is not found */
  constructor(name: string) {
    this.#name = Buffer.from(name, 'latin1');
  }

  /** The object's text, once it was whole. */
  get text(): string | undefined {
    return this.#found;
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.#string) this.#inString(byte);
      else if (byte === QUOTE) this.#openString();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#open(byte === OPEN_BRACE)) from = i;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth--;
        if (this.#held && this.#depth === 1) this.#take(bytes.subarray(from, i + 1));
      } else if (byte === COMMA && this.#depth === 1) {
        this.#nameNext = true;
        this.#wanted = false;
      }
    }
    if (this.#held) this.#hold(bytes.subarray(from));
  }

  #inString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) {
      this.#escaped = true;
      this.#same = -1;
    } else if (byte === QUOTE) {
      this.#string = false;
      this.#wanted ||= this.#same === this.#name.length;
      this.#same = -1;
    } else if (this.#same >= 0) this.#same = byte === this.#name[this.#same] ? this.#same + 1 : -1;
  }

  #openString(): void {
    this.#string = true;
    if (!this.#nameNext) return;
    this.#nameNext = false;
    this.#same = 0;
  }

  /** @returns true when the wanted object begins here */
  #open(brace: boolean): boolean {
    this.#depth++;
    if (this.#depth === 1) this.#nameNext = brace;
    if (this.#depth !== 2 || !this.#wanted || !brace) return false;
    this.#held = [];
    this.#heldBytes = 0;
    return true;
  }

  #hold(bytes: Uint8Array): void {
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_BYTES) this.#held = undefined;
    // A copy: a small piece must not keep a large chunk alive.
    else this.#held?.push(Buffer.from(bytes));
  }

  #take(bytes: Uint8Array): void {
    this.#hold(bytes);
    if (this.#held) this.#found = Buffer.concat(this.#held).toString('utf8');
    this.#held = undefined;
    this.#wanted = false;
  }
}

/** Finds the id of the message that an answer of the Messages API holds, in its first bytes. */

/** It stands in the first event of a stream, and at the head of a message told as one body. */
const MOST_CHARS = 16_384;
/** In a text, quotes have a backslash before them. */
const ID = /"id"\s*:\s*"(msg_[\w-]{1,200})"/;

export class MessageIdScan {
  #seen: string | undefined = '';
  #id: string | undefined;

  get messageId(): string | undefined {
    return this.#id;
  }

  /** Takes the answer's decoded body piece by piece. */
  push(bytes: Uint8Array): void {
    if (this.#seen === undefined) return;
    // The names that are looked for are ASCII, so that a character cut in two does not matter.
    this.#seen += String.fromCharCode(...bytes.subarray(0, MOST_CHARS));
    this.#id = ID.exec(this.#seen)?.[1];
    if (this.#id !== undefined || this.#seen.length >= MOST_CHARS) this.#seen = undefined;
  }
}

/** Writes single lines of a head; the last guard against text that would add lines of its own. */
import { Problem } from '../problem.ts';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** `name: value CRLF`, to be encoded as latin1. Throws Problem (`bad-option`) for what HTTP does not allow. */
export function headerLine(name: string, value: string): string {
  if (!NAME.test(name)) throw new Problem('bad-option', `${JSON.stringify(name)} is not a header name.`);
  if (!VALUE.test(value)) {
    throw new Problem(
      'bad-option',
      `The value of header ${name} holds a character that HTTP does not allow.`,
    );
  }
  return `${name}: ${value}\r\n`;
}

/** `line CRLF`, to be encoded as latin1. Throws Problem (`bad-option`) for what HTTP does not allow. */
export function startLine(line: string): string {
  if (!VALUE.test(line)) {
    throw new Problem(
      'bad-option',
      `The start line ${JSON.stringify(line)} holds a character that HTTP does not allow.`,
    );
  }
  return `${line}\r\n`;
}

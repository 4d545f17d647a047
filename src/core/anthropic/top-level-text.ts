/** Reads one text of a JSON object without parsing the rest: a parser makes objects of a whole prompt to tell its model. */
import { asBuffer } from '../as-buffer.ts';
import { memoLast } from '../memo-last.ts';

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * The text that the top-level object has under a name; of several the last counts, as for `JSON.parse`. Bytes that are
 * no JSON give anything at all, so whoever acts on the text asks a parser first.
 *
 * @param name in plain ASCII
 * @returns undefined where there is no such member, or it is no text; null where only a parser can tell: escapes in
 * a name of the object or in the text, a text beyond ASCII, bytes that are visibly no object
 * @example
 * topLevelText(new TextEncoder().encode('{"model":"claude-x","messages":[]}'), 'model'); // 'claude-x'
 */
export function topLevelText(bytes: Uint8Array, name: string): string | undefined | null {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return null;
  at = skipSpace(bytes, at + 1);
  let found: string | undefined;
  if (bytes[at] === CLOSE_BRACE) return found;
  for (;;) {
    if (bytes[at] !== QUOTE) return null;
    const nameEnd = endOfPlainString(bytes, at);
    if (nameEnd < 0) return null;
    const wanted = isAt(bytes, at + 1, nameEnd, name);
    at = skipSpace(bytes, nameEnd + 1);
    if (bytes[at] !== COLON) return null;
    at = skipSpace(bytes, at + 1);
    if (wanted) {
      found = undefined;
      if (bytes[at] === QUOTE) {
        const end = endOfPlainString(bytes, at);
        if (end < 0) return null;
        const whole = asBuffer(bytes);
        found = whole.toString('latin1', at + 1, end);
        if (endsAsObject(bytes) && !mayComeAgain(whole, end + 1, name)) return found;
      }
    }
    at = skipSpace(bytes, endOfValue(bytes, at));
    if (bytes[at] === CLOSE_BRACE) return found;
    if (bytes[at] !== COMMA) return null;
    at = skipSpace(bytes, at + 1);
  }
}

/**
 * Whether the name may stand behind `from` once more: as it is, or with letters of it escaped, which only `\u` does.
 * Two searches of the runtime in place of a walk through a whole prompt.
 */
function mayComeAgain(bytes: Buffer, from: number, name: string): boolean {
  return bytes.indexOf(quoted(name), from) !== -1 || bytes.indexOf(ESCAPE, from) !== -1;
}

const quoted = memoLast((name: string): Buffer => Buffer.from(`"${name}"`, 'latin1'));
const ESCAPE = Buffer.from('\\u');

/** Whether the bytes end in a brace that may close an object. */
function endsAsObject(bytes: Uint8Array): boolean {
  const last = skipSpaceBack(bytes, bytes.length - 1);
  return bytes[last] === CLOSE_BRACE && bytes[skipSpaceBack(bytes, last - 1)] !== COMMA;
}

/** Longer names and texts are left to a parser. */
const MAX_PLAIN = 256;

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

function skipSpaceBack(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at--;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
}

/** @param open where its first quote lies @returns where its last one does; -1 unless it is short printable ASCII without escapes */
function endOfPlainString(bytes: Uint8Array, open: number): number {
  const limit = Math.min(bytes.length, open + MAX_PLAIN);
  for (let at = open + 1; at < limit; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE || byte > 126) return -1;
  }
  return -1;
}

function isAt(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** @returns index just after the value that begins at `from`, or the end of the bytes */
function endOfValue(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  let depth = 0;
  let at = from;
  while (at < length) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      for (at++; at < length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) return at;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    at++;
    if (depth === 0 && (byte === QUOTE || byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) return at;
  }
  return length;
}

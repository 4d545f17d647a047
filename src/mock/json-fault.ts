/**
 * Says where a text stops being JSON, and why, in the words of the parser that the real API's messages come from
 * (`no low surrogate in string: line 1 column 37589 (char 37588)` and the like). Runs only on texts that are refused.
 */

export interface JsonFault {
  readonly reason: string;
  /** Offset of the first bad character, from 0. */
  readonly char: number;
}

const BLANK = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Want = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/** Finds the first fault of a text that `JSON.parse` refuses; undefined if the text is JSON after all. */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let want: Want = 'value';
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const sign = (char: string): boolean => text[at] === char && ++at > 0;
  const close = (): Want => {
    open.pop();
    return ', or end';
  };
  for (;;) {
    take(BLANK);
    const finished: boolean = want === ', or end' && open.length === 0;
    if (at >= text.length) return finished ? undefined : { reason: 'unexpected end of data', char: at };
    if (finished) return { reason: 'unexpected content after document', char: at };
    const top = open[open.length - 1];
    let next: Want | undefined;
    if (want === ':') next = sign(':') ? 'value' : undefined;
    else if (want === ', or end') {
      if (sign(',')) next = top === '{' ? 'key' : 'value';
      else if (sign(top === '{' ? '}' : ']')) next = close();
    } else if (want === 'key or }' && sign('}')) next = close();
    else if (want === 'value or ]' && sign(']')) next = close();
    else if (want === 'key' || want === 'key or }') next = take(STRING) ? ':' : undefined;
    else if (take(STRING) || take(SCALAR)) next = ', or end';
    else if (sign('{')) next = open.push('{') > 0 ? 'key or }' : undefined;
    else if (sign('[')) next = open.push('[') > 0 ? 'value or ]' : undefined;
    if (next === undefined) return { reason: 'unexpected character', char: at };
    want = next;
  }
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|.)/g;

/**
 * Finds half of a surrogate pair written as an escape: legal for `JSON.parse`, refused by the API.
 *
 * @param text a text that is JSON otherwise
 */
export function findLoneSurrogate(text: string): JsonFault | undefined {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return undefined;
  let high: number | undefined;
  let highEnd = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const code = match[1] === undefined ? 0 : Number.parseInt(match[1], 16);
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    if (high !== undefined) {
      if (!isLow || match.index !== highEnd) return { reason: 'no low surrogate in string', char: high };
      high = undefined;
    } else if (isLow) {
      return { reason: 'invalid high surrogate in string', char: match.index };
    } else if (code >= 0xd800 && code <= 0xdbff) {
      high = match.index;
      highEnd = match.index + 6;
    }
  }
  return high === undefined ? undefined : { reason: 'no low surrogate in string', char: high };
}

/**
 * Globs, strict and small: `*` is the only special character. Two dialects:
 * - `text` (models, hosts, header values): `*` stands for any run of characters, also none
 * - `path`: `*` stops at `/`; `**` does not
 *
 * Matching takes time linear in the text, whatever the pattern: there is no backtracking.
 */

export type GlobDialect = 'text' | 'path';

/** Stands for `*` of a path: any run without `/`. Never a UTF-16 code unit. */
const WITHIN = -1;
/** Stands for `**` of a path and `*` of a text: any run. */
const ACROSS = -2;
const SLASH = 0x2f;

function tokenize(pattern: string, dialect: GlobDialect): number[] {
  const tokens: number[] = [];
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== '*') {
      tokens.push(pattern.charCodeAt(i));
    } else if (dialect === 'path' && pattern[i + 1] !== '*') {
      tokens.push(WITHIN);
    } else {
      while (pattern[i + 1] === '*') i++;
      tokens.push(ACROSS);
    }
  }
  return tokens;
}

/** Runs all ways to match at once. `symbols` may hold stars, so that one pattern can be matched against another. */
function accepts(tokens: readonly number[], symbols: ArrayLike<number>): boolean {
  const end = tokens.length;
  let now = new Uint8Array(end + 1);
  let next = new Uint8Array(end + 1);
  now[0] = 1;
  for (let i = 0; i < end && tokens[i]! < 0; i++) now[i + 1] = 1;
  for (let s = 0; s < symbols.length; s++) {
    const symbol = symbols[s]!;
    next.fill(0);
    let alive = false;
    for (let i = 0; i < end; i++) {
      const token = tokens[i]!;
      if (now[i] === 1) {
        if (token === ACROSS || (token === WITHIN && symbol !== SLASH && symbol !== ACROSS)) next[i] = 1;
        else if (token === symbol) next[i + 1] = 1;
      }
      if (next[i] === 1 && token < 0) next[i + 1] = 1;
      if (next[i] === 1 || next[i + 1] === 1) alive = true;
    }
    if (!alive) return false;
    [now, next] = [next, now];
  }
  return now[end] === 1;
}

function codes(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return units;
}

/** Matches the pieces between stars that stand for anything: the leftmost place for each is always right. */
function matchPieces(pieces: readonly string[], text: string): boolean {
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (text.length < first.length + last.length || !text.startsWith(first)) return false;
  const stop = text.length - last.length;
  let from = first.length;
  for (let i = 1; i < pieces.length - 1; i++) {
    const piece = pieces[i]!;
    const at = text.indexOf(piece, from);
    if (at < 0 || at + piece.length > stop) return false;
    from = at + piece.length;
  }
  return text.endsWith(last);
}

/**
 * @returns a test that is true when `pattern` matches the whole text
 * @example compileGlob('claude-opus-*', 'text')('claude-opus-4-6') // true
 */
export function compileGlob(pattern: string, dialect: GlobDialect): (text: string) => boolean {
  const tokens = tokenize(pattern, dialect);
  if (!tokens.some((token) => token < 0)) return (text) => text === pattern;
  if (tokens.includes(WITHIN)) return (text) => accepts(tokens, codes(text));
  const pieces = pattern.split(/\*+/);
  if (pieces.length === 2 && pieces[1] === '') {
    const prefix = pieces[0]!;
    return (text) => text.startsWith(prefix);
  }
  return (text) => matchPieces(pieces, text);
}

/** True only if every text that `narrow` matches is matched by `wide`; may be false where that is hard to see. */
export function globCovers(wide: string, narrow: string, dialect: GlobDialect): boolean {
  return accepts(tokenize(wide, dialect), tokenize(narrow, dialect));
}

/**
 * What engines share, and what of Node's they lean on. Two engines in one process (a test's, an application's) know
 * nothing of each other: what changes belongs to an engine, a connection or a call.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, SRC } from './imports.ts';

/** A variable of a module, a collection that it fills, a field of a class that all its objects share. */
const SHARED =
  /^(?:export )?let \w+|^(?:export )?const \w+(?:: (?!Readonly|readonly)[^=]+)? = (?:new (?:Map|WeakMap|WeakSet|LruMap)\b|new Set(?:<[^>]*>)?\(\)|\[\];|\{\};).*|^ {2}(?:private )?static (?!readonly)#?\w+(?::[^=]*)? = .*/gm;

/** Who may, and why. A memory of a pure function is `memoLast` or `memoRecent`. */
const MAY_SHARE: Readonly<Record<string, string>> = {
  'core/matchers/body.ts: let language': 'made when the first rule needs it, and knows no rule',
  'engine/transport/fast-read/shared-read.ts: let keys':
    'names of properties that Node gives to all sockets alike',
};

/** What no document of Node's promises. */
const PRIVATE = /\b_handle\b|\b(?:this|socket|stream|server)\._\w+|getOwnPropertySymbols|process\.binding/;

/** Who leans on it, and what becomes of it where it is missing; a test beside each takes it away. */
const MAY_LEAN: Readonly<Record<string, string>> = {
  'engine/listener.ts':
    'the number of a connection’s file: without it, only a refused connection tells that files run out',
  'engine/transport/fast-read/shared-read.ts':
    'reads into one buffer: without it, a socket reads as Node has it',
  'engine/transport/unsent.ts':
    'what the kernel has taken of a write: without it, a write counts once it is out whole',
};

function found(text: string): readonly string[] {
  return text.match(SHARED) ?? [];
}

describe('what engines share', () => {
  it('is seen, however it is written', () => {
    const shared = [
      "let last = '';",
      'export let count = 0;',
      'const seen = new Map<string, string>();',
      'const all: string[] = [];',
      'const said = new Set();',
      'const said = new Set<string>();',
      '  static last = 0;',
      '  static #count: number = 0;',
    ];
    for (const line of shared) expect(found(line), line).toHaveLength(1);
    const not = [
      'const KINDS: ReadonlyMap<string, string> = new Map([]);',
      'const NONE: readonly string[] = [];',
      "const WORDS = new Set(['a']);",
      '  static readonly NONE = 0;',
      '  static of(): void {',
      '  let inFunction = 0;',
      "const LIST = ['a'];",
    ];
    for (const line of not) expect(found(line), line).toEqual([]);
  });

  it('is known', () => {
    const shares = ['engine', 'core']
      .flatMap((room) => filesIn(join(SRC, room)))
      .flatMap((file) =>
        found(readFileSync(file, 'utf8')).map(
          (line) => `${relative(SRC, file).replaceAll('\\', '/')}: ${line}`,
        ),
      );
    expect(shares.sort()).toEqual(Object.keys(MAY_SHARE).sort());
  });
});

it('whoever leans on what Node keeps to itself is known', () => {
  const leans = filesIn(SRC)
    .filter((file) => PRIVATE.test(readFileSync(file, 'utf8')))
    .map((file) => relative(SRC, file).replaceAll('\\', '/'));
  expect(leans.sort()).toEqual(Object.keys(MAY_LEAN).sort());
});

it('fast reads are had by one door', () => {
  const past = [...filesIn(SRC)].filter(
    (file) =>
      !file.includes(join('transport', 'fast-read')) &&
      /fast-read\/(?!fast-read\.ts)/.test(readFileSync(file, 'utf8')),
  );
  expect(past.map((file) => relative(SRC, file))).toEqual([]);
});

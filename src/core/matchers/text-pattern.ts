/** One or more globs as the parameter of a condition: the common ground of path, host, model, sni and user agent. */
import { compileGlob, type GlobDialect, globCovers } from './glob.ts';
import { listOf, orList } from './one-or-more.ts';

export interface TextPattern {
  test(text: string): boolean;
  /** `is /v1/messages`, `matches claude-opus-* or claude-sonnet-*`. */
  explain(): string;
}

type Globs = string | readonly string[];

export function compilePatterns(globs: Globs, dialect: GlobDialect): TextPattern {
  const list = listOf(globs);
  const tests = list.map((glob) => compileGlob(glob, dialect));
  const only = tests.length === 1 ? tests[0] : undefined;
  return {
    test: only ?? ((text) => tests.some((test) => test(text))),
    explain: () => `${list.some((glob) => glob.includes('*')) ? 'matches' : 'is'} ${orList(list)}`,
  };
}

export function patternsCover(wide: Globs, narrow: Globs, dialect: GlobDialect): boolean {
  return listOf(narrow).every((glob) => listOf(wide).some((other) => globCovers(other, glob, dialect)));
}

/** True only if no text can match both: decided where one side has no star. */
export function patternsExclude(a: Globs, b: Globs, dialect: GlobDialect): boolean {
  return listOf(a).every((one) =>
    listOf(b).every((other) => {
      if (!one.includes('*')) return !compileGlob(other, dialect)(one);
      if (!other.includes('*')) return !compileGlob(one, dialect)(other);
      return false;
    }),
  );
}

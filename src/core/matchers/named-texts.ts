/** Conditions on several named texts at once, all of which must hold: the common ground of `header` and `query`. */
import type { Memory, Verdict } from './matcher.ts';
import {
  type CompiledTextTest,
  compileTextTest,
  type TextTest,
  textTestCovers,
  textTestsExclude,
} from './text-test.ts';

type Named = Readonly<Record<string, TextTest>>;

export interface CompiledName extends CompiledTextTest {
  readonly name: string;
}

export function compileNamed(spec: Named): readonly CompiledName[] {
  return Object.entries(spec).map(([name, test]) => ({ name, ...compileTextTest(test) }));
}

/** Whether all hold: clearly not when one does not. @param textOf the text of a name */
export function testNamed(
  tests: readonly CompiledName[],
  textOf: (name: string) => string | undefined,
  memory: Memory,
): Verdict {
  let verdict: Verdict = true;
  for (const test of tests) {
    const one = test.test(textOf(test.name), memory);
    if (one === false) return false;
    if (one === undefined) verdict = undefined;
  }
  return verdict;
}

export function explainNamed(what: string, tests: readonly CompiledName[]): string {
  return tests.map((test) => `${what} ${test.name} ${test.explain()}`).join(' and ');
}

export function namedCover(wide: Named, narrow: Named): boolean {
  return Object.entries(wide).every(([name, test]) => {
    const other = narrow[name];
    if (other === undefined) return false;
    return JSON.stringify(test) === JSON.stringify(other) || textTestCovers(test, other);
  });
}

export function namedExclude(a: Named, b: Named): boolean {
  return Object.entries(a).some(([name, test]) => {
    const other = b[name];
    return other !== undefined && textTestsExclude(test, other);
  });
}

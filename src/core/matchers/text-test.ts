/** What can be asked of a named text (a header, a query parameter): is it there, and what does it hold. */
import { z } from 'zod';
import { compileGlob } from './glob.ts';
import { LinearRegex, regexFlaw } from './linear-regex.ts';
import type { Memory, Verdict } from './matcher.ts';
import { MOST_STEPS, tooManySteps } from './most-steps.ts';

const forms = ['equals', 'glob', 'regex'] as const;

export const textTest = z.union([
  z.boolean(),
  z.string(),
  z
    .strictObject({
      equals: z.string().optional(),
      glob: z.string().optional(),
      regex: z
        .string()
        .superRefine((source, context) => {
          const message = regexFlaw(source);
          if (message !== undefined) context.addIssue({ code: 'custom', message });
        })
        .optional(),
      ignore_case: z.boolean().optional(),
    })
    .refine(
      (test) => forms.filter((form) => test[form] !== undefined).length === 1,
      'give exactly one of equals, glob and regex',
    ),
]);

export type TextTest = z.output<typeof textTest>;

export interface CompiledTextTest {
  /**
   * @param value undefined when there is no such text
   * @param memory hears of a regular expression that would cost too much
   */
  test(value: string | undefined, memory?: Memory): Verdict;
  /** `is present`, `is "a"`, `matches a*`, `matches /a+/`. */
  explain(): string;
}

export function compileTextTest(spec: TextTest): CompiledTextTest {
  if (typeof spec === 'boolean') {
    return {
      test: (value) => (value !== undefined) === spec,
      explain: () => (spec ? 'is present' : 'is absent'),
    };
  }
  const {
    equals,
    glob,
    regex,
    ignore_case: anyCase = false,
  } = typeof spec === 'string' ? { equals: spec } : spec;
  const suffix = anyCase ? ' in any case' : '';
  if (regex !== undefined) {
    const expression = new LinearRegex(regex, anyCase);
    const shown = `/${regex}/${anyCase ? 'i' : ''}`;
    return {
      test: (value, memory) => {
        if (value === undefined) return false;
        if (expression.steps(value) <= MOST_STEPS) return expression.test(value);
        memory?.tooCostly?.(tooManySteps(`the regular expression ${shown}`));
        return undefined;
      },
      explain: () => `matches ${shown}`,
    };
  }
  const fold = (text: string): string => (anyCase ? text.toLowerCase() : text);
  if (glob !== undefined) {
    const matches = compileGlob(fold(glob), 'text');
    return {
      test: (value) => value !== undefined && matches(fold(value)),
      explain: () => `matches ${glob}${suffix}`,
    };
  }
  const wanted = fold(equals!);
  return {
    test: (value) => value !== undefined && fold(value) === wanted,
    explain: () => `is ${JSON.stringify(equals)}${suffix}`,
  };
}

/** The one text that the test lets in; undefined when there may be more. */
function onlyText(spec: TextTest): string | undefined {
  if (typeof spec === 'string') return spec;
  return typeof spec === 'object' && !spec.ignore_case ? spec.equals : undefined;
}

/** True only if every text that `narrow` lets in is let in by `wide`, apart from equal specs. */
export function textTestCovers(wide: TextTest, narrow: TextTest): boolean {
  if (narrow === false) return wide === false;
  if (wide === true) return true;
  const text = onlyText(narrow);
  return text !== undefined && compileTextTest(wide).test(text) === true;
}

/** True only if no text, present or absent, passes both. */
export function textTestsExclude(a: TextTest, b: TextTest): boolean {
  if (a === false || b === false) return a !== b;
  const one = onlyText(a);
  if (one !== undefined) return compileTextTest(b).test(one) === false;
  const other = onlyText(b);
  return other !== undefined && compileTextTest(a).test(other) === false;
}

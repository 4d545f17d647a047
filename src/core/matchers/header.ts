import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import {
  type CompiledName,
  compileNamed,
  explainNamed,
  namedCover,
  namedExclude,
  testNamed,
} from './named-texts.ts';
import { type TextTest, textTest } from './text-test.ts';

const headerName = z
  .string()
  .regex(
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
    'not a header name: letters, digits and dashes, such as anthropic-beta',
  );

/** Names of headers are the same in any case. */
function lowerCased(spec: Readonly<Record<string, TextTest>>): Readonly<Record<string, TextTest>> {
  return Object.fromEntries(Object.entries(spec).map(([name, test]) => [name.toLowerCase(), test]));
}

/** Headers of the request; several of one name are joined with `, `. */
export const header = defineMatcher({
  key: 'header',
  phase: 'exchange',
  reads: 'head',
  summary:
    'Each header named is present (`true`), absent (`false`), equal to a text, or matches a `glob` or `regex` (RE2’s syntax, anywhere in the text; `ignore_case: true`).',
  params: z
    .record(headerName, textTest)
    .refine(
      (spec) => Object.keys(spec).length > 0,
      'name at least one header, such as `anthropic-beta: true`',
    )
    .refine(
      (spec) => Object.keys(lowerCased(spec)).length === Object.keys(spec).length,
      'one header is named twice, in different case: put both tests under `all`',
    ),
  examples: [{ 'anthropic-beta': true }, { 'user-agent': { glob: 'claude-cli/*' }, 'x-test': 'a' }],
  compile: (params) => {
    const tests = compileNamed(lowerCased(params));
    return {
      test: (facts, memory) => testNamed(tests, (name) => facts.header(name), memory),
      explain: () => explainNamed('header', tests),
    };
  },
  index: (params) => {
    const [{ name, test }] = compileNamed(lowerCased(params)) as [CompiledName];
    return {
      by: `header ${name}`,
      read: (facts) => facts.header(name),
      admits: (text) => test(text) !== false,
    };
  },
  covers: (wide, narrow) => namedCover(lowerCased(wide), lowerCased(narrow)),
  excludes: (a, b) => namedExclude(lowerCased(a), lowerCased(b)),
});

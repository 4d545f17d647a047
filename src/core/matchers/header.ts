import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { compileNamed, explainNamed, namedCover, namedExclude } from './named-texts.ts';
import { textTest } from './text-test.ts';

const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'not a header name: write it in lower case, such as anthropic-beta');

/** Headers of the request; several of one name are joined with `, `. */
export const header = defineMatcher({
  key: 'header',
  phase: 'exchange',
  reads: 'head',
  summary:
    'Each header named is present (`true`), absent (`false`), equal to a text, or matches a `glob` or `regex`.',
  params: z
    .record(headerName, textTest)
    .refine(
      (spec) => Object.keys(spec).length > 0,
      'name at least one header, such as `anthropic-beta: true`',
    ),
  examples: [{ 'anthropic-beta': true }, { 'user-agent': { glob: 'claude-cli/*' }, 'x-test': 'a' }],
  compile: (params) => {
    const tests = compileNamed(params);
    return {
      test: (facts) => {
        for (const test of tests) if (!test.test(facts.header(test.name))) return false;
        return true;
      },
      explain: () => explainNamed('header', tests),
    };
  },
  covers: namedCover,
  excludes: namedExclude,
});

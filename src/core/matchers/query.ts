import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { compileNamed, explainNamed, namedCover, namedExclude, testNamed } from './named-texts.ts';
import { textTest } from './text-test.ts';

/** Parameters of the query; of a repeated one, the first. */
export const query = defineMatcher({
  key: 'query',
  phase: 'exchange',
  reads: 'head',
  summary:
    'Each query parameter named is present (`true`), absent (`false`), equal to a text, or matches a `glob` or `regex` (as those of `header`).',
  params: z
    .record(z.string().min(1), textTest)
    .refine((spec) => Object.keys(spec).length > 0, 'name at least one parameter, such as `beta: "true"`'),
  examples: [{ beta: 'true' }, { after_id: true, limit: { regex: '^[0-9]{3}$' } }],
  compile: (params) => {
    const tests = compileNamed(params);
    return {
      test: (facts, memory) => {
        const values = new URLSearchParams(facts.query);
        return testNamed(tests, (name) => values.get(name) ?? undefined, memory);
      },
      explain: () => explainNamed('query parameter', tests),
    };
  },
  covers: namedCover,
  excludes: namedExclude,
});

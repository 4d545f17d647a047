import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { listOf, oneOrMore, orList } from './one-or-more.ts';

const name = z
  .string()
  .regex(/^[A-Z!#$%&'*+.^_`|~0-9-]+$/, 'not a method: write it as on the wire, in capitals, such as POST');

/** The request's method. */
export const method = defineMatcher({
  key: 'method',
  phase: 'exchange',
  reads: 'scope',
  summary: 'The method is this one, or one of these.',
  params: oneOrMore(name),
  examples: ['POST', ['GET', 'HEAD']],
  compile: (params) => {
    const methods = listOf(params);
    return {
      test: (facts) => methods.includes(facts.method),
      explain: () => `method is ${orList(methods)}`,
    };
  },
  covers: (wide, narrow) => listOf(narrow).every((one) => listOf(wide).includes(one)),
  excludes: (a, b) => !listOf(a).some((one) => listOf(b).includes(one)),
});

import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { listOf, oneOrMore, orList } from './one-or-more.ts';

/** How the client reached the proxy. */
export const via = defineMatcher({
  key: 'via',
  phase: 'connection',
  reads: 'head',
  summary:
    'The client came by an absolute-form request (`absolute`), a CONNECT tunnel (`connect`), as to a base URL (`origin`) or through the fault proxy (`plugin`).',
  params: oneOrMore(z.enum(['absolute', 'connect', 'origin', 'plugin'])),
  examples: ['connect', ['absolute', 'origin']],
  compile: (params) => {
    const ways = listOf(params);
    return {
      test: (facts) => ways.includes(facts.via),
      explain: () => `the client comes by ${orList(ways)}`,
    };
  },
  covers: (wide, narrow) => listOf(narrow).every((one) => listOf(wide).includes(one)),
  excludes: (a, b) => !listOf(a).some((one) => listOf(b).includes(one)),
});

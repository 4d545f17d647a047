import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { oneOrMore } from './one-or-more.ts';
import { compilePatterns, patternsCover, patternsExclude } from './text-pattern.ts';

/** A glob over a path: `*` stays within a segment, `**` does not. */
export const pathGlob = z
  .string()
  .refine((glob) => glob.startsWith('/') || glob.startsWith('**'), {
    error: 'a path begins with / (or with ** for any path), such as /v1/messages',
    abort: true,
  })
  .refine((glob) => !glob.includes('?'), 'a path has no query: match it with `query`')
  .refine((glob) => !glob.includes('***'), 'write * within a segment or ** across segments, not ***');

/** The request's path. */
export const path = defineMatcher({
  key: 'path',
  phase: 'exchange',
  reads: 'scope',
  summary:
    'The path, without its query, matches this glob, or one of these: `*` stays within a segment, `**` does not.',
  params: oneOrMore(pathGlob),
  examples: ['/v1/messages', ['/v1/messages', '/v1/models/**']],
  compile: (params) => {
    const pattern = compilePatterns(params, 'path');
    return { test: (facts) => pattern.test(facts.path), explain: () => `path ${pattern.explain()}` };
  },
  covers: (wide, narrow) => patternsCover(wide, narrow, 'path'),
  excludes: (a, b) => patternsExclude(a, b, 'path'),
});

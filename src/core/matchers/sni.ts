import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { oneOrMore } from './one-or-more.ts';
import { compilePatterns, patternsCover, patternsExclude } from './text-pattern.ts';

/** Server name that the client's TLS hello asks for. */
export const sni = defineMatcher({
  key: 'sni',
  phase: 'connection',
  reads: 'head',
  summary:
    'The server name of the TLS hello matches this glob, or one of these; `false`: it has none. A rule on connections is asked about a tunnel to a host name before its hello, and does not see it.',
  params: z.union([z.literal(false), oneOrMore(z.string().min(1))]),
  examples: ['api.anthropic.com', ['*.anthropic.com'], false],
  compile: (params) => {
    if (params === false) {
      return { test: (facts) => facts.sni === undefined, explain: () => 'no server name is asked for' };
    }
    const pattern = compilePatterns(params, 'text');
    return {
      test: (facts) => facts.sni !== undefined && pattern.test(facts.sni),
      explain: () => `server name ${pattern.explain()}`,
    };
  },
  covers: (wide, narrow) => wide !== false && narrow !== false && patternsCover(wide, narrow, 'text'),
  excludes: (a, b) => (a === false || b === false ? a !== b : patternsExclude(a, b, 'text')),
});

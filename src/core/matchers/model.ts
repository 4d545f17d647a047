import { z } from 'zod';
import { bodyVerdict } from './body-verdict.ts';
import { defineMatcher } from './matcher.ts';
import { oneOrMore } from './one-or-more.ts';
import { compilePatterns, patternsCover, patternsExclude } from './text-pattern.ts';

/** The model that the request's body names. */
export const model = defineMatcher({
  key: 'model',
  phase: 'exchange',
  reads: 'body',
  summary: 'The model in the body matches this glob, or one of these; `*` stands for any characters.',
  params: oneOrMore(z.string().min(1, 'a model has a name, such as claude-opus-*')),
  examples: ['claude-opus-*', ['claude-opus-*', '*-latest']],
  compile: (params) => {
    const pattern = compilePatterns(params, 'text');
    const ask = ({ body }: { body: { model: string | undefined } }): boolean =>
      body.model !== undefined && pattern.test(body.model);
    return { test: (facts) => bodyVerdict(facts, ask), explain: () => `model ${pattern.explain()}` };
  },
  index: (params) => {
    const pattern = compilePatterns(params, 'text');
    return {
      by: 'model',
      read: ({ body }) => {
        const likely = body.likelyModel;
        return likely ? likely.text : body.model;
      },
      admits: (text) => text !== undefined && pattern.test(text),
    };
  },
  covers: (wide, narrow) => patternsCover(wide, narrow, 'text'),
  excludes: (a, b) => patternsExclude(a, b, 'text'),
});

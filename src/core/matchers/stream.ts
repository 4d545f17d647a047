import { z } from 'zod';
import { bodyVerdict } from './body-verdict.ts';
import { defineMatcher } from './matcher.ts';

/** Whether the request's body asks for a streamed answer. A call without a body is neither. */
export const stream = defineMatcher({
  key: 'stream',
  phase: 'exchange',
  reads: 'body',
  summary: 'The body asks for a streamed answer (`true`) or for a whole one (`false`).',
  params: z.boolean(),
  examples: [true, false],
  compile: (params) => ({
    test: (facts) => bodyVerdict(facts, ({ body }) => (body.stream === true) === params),
    explain: () => (params ? 'a streamed answer is asked for' : 'a whole answer is asked for'),
  }),
  excludes: (a, b) => a !== b,
});

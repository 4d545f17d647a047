/** No body at all. */
import { z } from 'zod';
import { defineFault } from './fault.ts';
import { replaceBody } from './whole-body.ts';

export const bodyEmpty = defineFault({
  kind: 'body-empty',
  phase: 'exchange',
  changes: 'body',
  summary: 'Answer 200 with an empty body.',
  details:
    'The head is that of the upstream. Acts on JSON answers (content-length 0) and on streams (no event).',
  params: z.strictObject({}),
  example: {},
  plan: () => {
    const effects = replaceBody('empty body', () => '');
    return () => effects;
  },
});

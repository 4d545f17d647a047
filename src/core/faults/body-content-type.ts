/** The right body under the wrong label. */
import { z } from 'zod';
import { defineFault } from './fault.ts';

export const bodyContentType = defineFault({
  kind: 'body-content-type',
  phase: 'exchange',
  changes: 'head',
  summary: "Change or remove the answer's content-type.",
  details: 'The body is untouched. Acts on every answer of the upstream, streams and errors included.',
  params: z.strictObject({
    content_type: z
      .string()
      .regex(/^[\x21-\x7e][\x20-\x7e]*$/, { error: 'content_type is a header value of printable characters' })
      .default('text/plain; charset=utf-8')
      .describe('The value to send; `none` removes the header.'),
  }),
  example: { content_type: 'text/plain' },
  plan:
    ({ content_type: value }) =>
    () => [
      value === 'none'
        ? { do: 'head', remove: ['content-type'] }
        : { do: 'head', set: [['content-type', value]] },
    ],
});

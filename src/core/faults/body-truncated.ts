/** Half a body. */
import { z } from 'zod';
import type { RewriteEffect } from '../effect.ts';
import { byteSize } from '../size.ts';
import { defineFault } from './fault.ts';

export const bodyTruncated = defineFault({
  kind: 'body-truncated',
  phase: 'exchange',
  changes: 'body',
  summary: 'Cut the body of a JSON answer short.',
  details:
    'With `content_length: kept` the header still promises the whole and the connection closes early: clients see a ' +
    'network error. With `exact` it says how much there is: clients see broken JSON. For streams, see `stream-cut`.',
  params: z.strictObject({
    keep: byteSize.optional().describe('How much of the (decoded) body to send; half without it.'),
    content_length: z
      .enum(['kept', 'exact'])
      .default('kept')
      .describe('What the header promises: the whole body, or what is sent.'),
  }),
  example: { keep: '100B', content_length: 'kept' },
  plan: ({ keep, content_length: told }) => {
    const rewrite: RewriteEffect = {
      do: 'rewrite',
      rewrite: (body) => {
        const end = keep ?? body.length >> 1;
        if (end >= body.length) return { body, skipped: `the body has only ${body.length} bytes` };
        return {
          body: body.subarray(0, end),
          length: told === 'kept' ? 'kept' : 'true',
          note: `body cut at ${end} of ${body.length} bytes, content-length ${told}`,
        };
      },
    };
    const effects = [rewrite];
    return () => effects;
  },
});

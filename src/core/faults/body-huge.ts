/** An answer that is far too large. */
import { z } from 'zod';
import type { RewriteEffect } from '../effect.ts';
import { byteSize } from '../size.ts';
import { defineFault } from './fault.ts';
import { parseObject } from './rewrite-message.ts';

const LARGEST = 256 * 2 ** 20;
const FILLER = 'All work and no play makes a dull test. ';

export const bodyHuge = defineFault({
  kind: 'body-huge',
  phase: 'exchange',
  changes: 'body',
  summary: 'Blow a JSON answer up to many megabytes.',
  details:
    'The answer stays valid JSON: a field `padding` with filler text comes last. Tests limits of buffers, logs and parsers.',
  params: z.strictObject({
    size: byteSize
      .refine((bytes) => bytes >= 1024 && bytes <= LARGEST, { error: 'size goes from 1KiB to 256MiB' })
      .prefault('32MiB')
      .describe('Size of the body, before any content coding.'),
  }),
  example: { size: '8MiB' },
  plan: ({ size }) => {
    const rewrite: RewriteEffect = {
      do: 'rewrite',
      rewrite: (body) => {
        const root = parseObject(body);
        if (root === undefined) return { body, skipped: 'the body is no JSON object' };
        const head = Buffer.from(JSON.stringify({ ...root, padding: '' }).slice(0, -2));
        const filler = size - head.length - 2;
        if (filler <= 0) return { body, skipped: `the body has ${body.length} bytes already` };
        return {
          body: Buffer.concat([head, Buffer.alloc(filler, FILLER), Buffer.from('"}')]),
          note: `body of ${size} bytes`,
        };
      },
    };
    const effects = [rewrite];
    return () => effects;
  },
});

/** A body that is whole, says that it is JSON, and is not. */
import { z } from 'zod';
import type { RewriteEffect } from '../effect.ts';
import { defineFault } from './fault.ts';

const COLON = 0x3a;

export const bodyNotJson = defineFault({
  kind: 'body-not-json',
  phase: 'exchange',
  changes: 'body',
  summary: 'Answer with a body that is no JSON, under its content type.',
  details: "Takes the first colon out of the answer's own body, or sends `text` in its place.",
  params: z.strictObject({
    text: z
      .string()
      .refine((text) => !isJson(text), { error: 'this text is JSON; give one that is not' })
      .optional()
      .describe('The body to send.'),
  }),
  example: { text: 'upstream connect error' },
  plan: ({ text }) => {
    const note = 'body is no JSON';
    const rewrite: RewriteEffect = {
      do: 'rewrite',
      rewrite: (body) => {
        if (text !== undefined) return { body: Buffer.from(text), note };
        const at = body.indexOf(COLON);
        if (at === -1) return { body, skipped: 'the body has no colon to take out' };
        return { body: Buffer.concat([body.subarray(0, at), body.subarray(at + 1)]), note };
      },
    };
    const effects = [rewrite];
    return () => effects;
  },
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

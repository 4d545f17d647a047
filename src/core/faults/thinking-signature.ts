/** Spoils the signature of a thinking block: the API refuses the block when a client sends it back. */
import { z } from 'zod';
import { asObject, readData, typeOf } from '../anthropic/stream.ts';
import { editData } from '../anthropic/stream-edit.ts';
import type { Effect, StreamFilter } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { EditFilter } from './edit-filter.ts';
import { defineFault } from './fault.ts';
import { blocksOf, rewriteMessage } from './rewrite-message.ts';

const NO_SIGNATURE = 'the answer has no signed thinking block';

export const thinkingSignature = defineFault({
  kind: 'thinking-signature',
  phase: 'exchange',
  changes: 'body',
  summary: 'Corrupt the signature of thinking blocks.',
  details:
    'The answer itself looks right. The damage shows with the next request of the conversation, when the client ' +
    'sends the block back. `corrupt` changes characters and keeps the length, `empty` leaves an empty signature, ' +
    '`missing` none. Acts on streams and on JSON answers.',
  params: z.strictObject({
    how: z
      .enum(['corrupt', 'empty', 'missing'])
      .default('corrupt')
      .describe('What becomes of the signature.'),
  }),
  example: { how: 'corrupt' },
  plan: ({ how }) => {
    const note = `thinking signature ${how}`;
    const edit = (event: SseEvent): SseEvent | undefined => {
      if (typeOf(event) !== 'content_block_delta') return event;
      const delta = asObject(readData(event)?.delta);
      if (delta?.type !== 'signature_delta') return event;
      if (how === 'missing') return undefined;
      return editData(event, (data) => {
        const edited = asObject(data.delta);
        if (edited !== undefined) edited.signature = spoil(how, edited.signature);
      });
    };
    const rewrite = rewriteMessage(note, (message) => {
      const signed = blocksOf(message).filter((block) => typeof block.signature === 'string');
      for (const block of signed) {
        if (how === 'missing') delete block.signature;
        else block.signature = spoil(how, block.signature);
      }
      return signed.length === 0 ? NO_SIGNATURE : undefined;
    });
    const open = (): StreamFilter => new EditFilter(edit, note, NO_SIGNATURE);
    const effects: Effect[] = [{ do: 'filter', open }, rewrite];
    return () => effects;
  },
});

/** Another text of the same length and alphabet: every eighth character changes. */
function spoil(how: 'corrupt' | 'empty', signature: unknown): string {
  if (how === 'empty') return '';
  const text = String(signature);
  return text === ''
    ? 'A'
    : text.replace(/(.)(.{0,7})/gs, (_, first, rest) => (first === 'A' ? 'B' : 'A') + rest);
}

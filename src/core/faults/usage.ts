/** Spoils the token counts of an answer. */
import { z } from 'zod';
import { asObject, type JsonObject, readData, typeOf } from '../anthropic/stream.ts';
import { editData } from '../anthropic/stream-edit.ts';
import type { Effect, StreamFilter } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { EditFilter } from './edit-filter.ts';
import { defineFault } from './fault.ts';
import { rewriteMessage } from './rewrite-message.ts';

const NO_USAGE = 'the answer has no usage';

const HOWS = ['missing', 'null', 'zero', 'absurd', 'negative'] as const;

/** More tokens than any model takes or gives. */
const ABSURD = 999_999_999_999;

export const usage = defineFault({
  kind: 'usage',
  phase: 'exchange',
  changes: 'body',
  summary: 'Leave out or falsify the token usage of an answer.',
  details:
    '`missing` takes `usage` out, `null` sets it to null; `zero`, `absurd` (999,999,999,999) and `negative` (-1) ' +
    'change every number in it. On a stream both `message_start` and `message_delta` are changed. Acts on streams and ' +
    'on JSON answers.',
  params: z.strictObject({ how: z.enum(HOWS).default('missing').describe('What becomes of the counts.') }),
  example: { how: 'absurd' },
  plan: ({ how }) => {
    const note = `usage ${how}`;
    const edit = (event: SseEvent): SseEvent => {
      const type = typeOf(event);
      if (type !== 'message_start' && type !== 'message_delta') return event;
      const holder = (data: JsonObject | undefined) =>
        type === 'message_start' ? asObject(data?.message) : data;
      if (holder(readData(event))?.usage === undefined) return event;
      return editData(event, (data) => spoil(how, holder(data)));
    };
    const rewrite = rewriteMessage(note, (message) => {
      if (message.usage === undefined) return NO_USAGE;
      spoil(how, message);
      return undefined;
    });
    const open = (): StreamFilter => new EditFilter(edit, note, NO_USAGE);
    const effects: Effect[] = [{ do: 'filter', open }, rewrite];
    return () => effects;
  },
});

function spoil(how: (typeof HOWS)[number], holder: JsonObject | undefined): void {
  if (holder === undefined) return;
  if (how === 'missing') {
    delete holder.usage;
    return;
  }
  if (how === 'null') {
    holder.usage = null;
    return;
  }
  const counts = asObject(holder.usage) ?? {};
  const value = how === 'zero' ? 0 : how === 'absurd' ? ABSURD : -1;
  for (const key of Object.keys(counts)) if (typeof counts[key] === 'number') counts[key] = value;
}

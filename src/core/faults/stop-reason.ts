/** Ends an answer early for a reason that the API gives, with content cut to suit. */
import { z } from 'zod';
import { asObject, typeOf } from '../anthropic/stream.ts';
import { editData, streamEvent } from '../anthropic/stream-edit.ts';
import type { StreamPosition } from '../anthropic/stream-position.ts';
import type { Effect, StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { cutMessage } from './cut-message.ts';
import { EditFilter } from './edit-filter.ts';
import { defineFault } from './fault.ts';
import { ONE_PLACE, onePlace, type Place, placeShape, readPlace } from './place.ts';
import { PlaceWatch } from './place-watch.ts';
import { PointFilter } from './point-filter.ts';
import { rewriteMessage } from './rewrite-message.ts';

const REASONS = [
  'max_tokens',
  'refusal',
  'pause_turn',
  'model_context_window_exceeded',
  'stop_sequence',
  'tool_use',
  'end_turn',
] as const;

export const stopReason = defineFault({
  kind: 'stop-reason',
  phase: 'exchange',
  changes: 'body',
  summary: 'End an answer with another stop_reason, its content cut to suit.',
  details:
    'On a stream, the open block is closed at the place, then `message_delta` with the reason and `message_stop` ' +
    'follow, so that all is legal and yet something is missing: with `inside: tool_use` and `max_tokens`, half a tool ' +
    'call. Output tokens are those sent so far, estimated. On a JSON answer the text is cut after the characters (or ' +
    'tokens, at four characters each) of the place, else to half. `keep_content` changes the reason alone.',
  params: z
    .strictObject({
      ...placeShape,
      reason: z.enum(REASONS).describe('The `stop_reason` to send.'),
      keep_content: z.boolean().default(false).describe('Leave the content whole; then no place is given.'),
    })
    .refine(onePlace, ONE_PLACE)
    .refine((params) => !params.keep_content || !(params.after ?? params.before ?? params.inside), {
      error: 'keep_content leaves the content whole: give no place with it',
    }),
  example: { reason: 'max_tokens', inside: 'tool_use' },
  plan: ({ reason, keep_content: whole, ...params }) => {
    const place = readPlace(params);
    const note = `stop_reason ${reason}`;
    const rewrite = rewriteMessage(note, (message) => {
      if (!whole) cutMessage(message, place);
      Object.assign(message, ending(reason));
      return undefined;
    });
    const open = (): StreamFilter => (whole ? changeReason(reason, note) : endAt(place, reason, note));
    const effects: Effect[] = [{ do: 'filter', open }, rewrite];
    return () => effects;
  },
});

/** The fields by which an answer says why it ended. */
function ending(reason: string): Record<string, unknown> {
  const fields = { stop_reason: reason, stop_sequence: null };
  if (reason !== 'refusal') return fields;
  return { ...fields, stop_details: { type: 'refusal', category: null, explanation: null } };
}

function changeReason(reason: string, note: string): StreamFilter {
  const edit = (event: SseEvent): SseEvent =>
    typeOf(event) !== 'message_delta'
      ? event
      : editData(event, (data) => {
          data.delta = { ...asObject(data.delta), ...ending(reason) };
        });
  return new EditFilter(edit, note, 'the stream has no message_delta');
}

function endAt(place: Place, reason: string, note: string): StreamFilter {
  const watch = new PlaceWatch(place, { content: true, within: 'message' });
  return new PointFilter(watch, () => [
    { op: 'applied', note },
    ...closing(watch.position, reason).map((event): StreamOp => ({ op: 'emit', event })),
    { op: 'end', how: 'clean' },
  ]);
}

function closing({ block, tokens }: StreamPosition, reason: string): SseEvent[] {
  const events = [
    streamEvent({ type: 'message_delta', delta: ending(reason), usage: { output_tokens: tokens } }),
    streamEvent({ type: 'message_stop' }),
  ];
  if (block === undefined) return events;
  return [streamEvent({ type: 'content_block_stop', index: block.index }), ...events];
}

/** Breaks a stream with the API's own in-stream error, after HTTP 200. */
import { z } from 'zod';
import type { Effect, StreamOp } from '../effect.ts';
import { encodeEvent } from '../sse/encode.ts';
import { errorMessage, errorShape } from './error-shape.ts';
import { defineFault } from './fault.ts';
import { ONE_PLACE, onePlace, placeShape, readPlace } from './place.ts';
import { PlaceWatch } from './place-watch.ts';
import { PointFilter } from './point-filter.ts';

export const streamError = defineFault({
  kind: 'stream-error',
  phase: 'exchange',
  changes: 'body',
  summary: 'Send `event: error` in the middle of a streamed answer.',
  details:
    'The status is 200 and the headers are gone when the error comes, so no official SDK retries it. ' +
    'The frame has the shape of the live API (`details` first, then `type` and `message`; `request_id` repeats the ' +
    "answer's header), nothing follows it, and the HTTP message ends cleanly. With `before: first_event` it is the " +
    'only frame.',
  params: z
    .strictObject({
      ...placeShape,
      ...errorShape,
      request_id: z.boolean().default(true).describe('Repeat the `request-id` header, where there is one.'),
    })
    .refine(onePlace, ONE_PLACE),
  example: { after: { events: 5 }, error: 'overloaded_error' },
  plan: (params, env) => {
    const place = readPlace(params);
    const message = errorMessage(params, env);
    const effects: Effect[] = [
      {
        do: 'filter',
        open: (answer) => {
          const act = (): StreamOp[] => {
            const error = { details: null, type: params.error, message };
            const requestId = params.request_id ? answer?.requestId : undefined;
            const data = JSON.stringify({ type: 'error', error, request_id: requestId });
            return [
              { op: 'applied', note: `stream error ${params.error}` },
              { op: 'bytes', bytes: encodeEvent('error', data).raw },
              { op: 'end', how: 'clean' },
            ];
          };
          return new PointFilter(new PlaceWatch(place, { within: 'stream' }), act);
        },
      },
    ];
    return () => effects;
  },
});

/** Ends a stream before its time. */
import { z } from 'zod';
import type { Effect } from '../effect.ts';
import { defineFault } from './fault.ts';
import { ONE_PLACE, onePlace, placeShape, readPlace } from './place.ts';
import { PlaceWatch } from './place-watch.ts';
import { PointFilter } from './point-filter.ts';

export const streamCut = defineFault({
  kind: 'stream-cut',
  phase: 'exchange',
  changes: 'body',
  summary: 'End a streamed answer early, cleanly or with the connection.',
  details:
    '`clean` ends the HTTP message as if it were whole: many clients take what they got for the answer. ' +
    '`close` breaks off and closes the connection in order (TLS close_notify, FIN), `abrupt` leaves close_notify out, ' +
    '`reset` sends RST, `hang` keeps silent with the connection open. `before: message_stop` with `how: clean` leaves ' +
    'out nothing but `message_stop`. A place by bytes cuts at exactly that byte.',
  params: z
    .strictObject({
      ...placeShape,
      how: z
        .enum(['clean', 'close', 'abrupt', 'reset', 'hang', 'half-close'])
        .default('clean')
        .describe('How the answer, and the connection, ends.'),
      mid_frame: z.boolean().default(false).describe('Send the first half of the next event before the end.'),
    })
    .refine(onePlace, ONE_PLACE),
  example: { before: 'message_stop', how: 'clean' },
  plan: (params) => {
    const place = readPlace(params);
    const note = `stream cut (${params.how}${params.mid_frame ? ', mid-frame' : ''})`;
    const act = () => [{ op: 'applied', note } as const, { op: 'end', how: params.how } as const];
    const effects: Effect[] = [
      {
        do: 'filter',
        ...(params.how === 'clean' ? {} : { ends: params.how }),
        open: () =>
          new PointFilter(new PlaceWatch(place, params.how === 'clean' ? { within: 'stream' } : {}), act, {
            frame: params.mid_frame ? 'half' : 'split',
          }),
      },
    ];
    return () => effects;
  },
});

/** Lets a stream fall silent, for a time or for ever. */
import { z } from 'zod';
import { PING } from '../anthropic/stream-edit.ts';
import { durationMs } from '../duration.ts';
import type { Effect, StreamFilter, StreamOp } from '../effect.ts';
import { defineFault } from './fault.ts';
import { ONE_PLACE, onePlace, placeShape, readPlace } from './place.ts';
import { PlaceWatch } from './place-watch.ts';
import { PointFilter } from './point-filter.ts';

/** How long pings go on in a stall for ever: a day, and so many of them. No client waits as long. */
const FOREVER_MS = 24 * 3_600_000;
const MOST_PINGS = 50_000;

export const streamStall = defineFault({
  kind: 'stream-stall',
  phase: 'exchange',
  changes: 'timing',
  summary: 'Pause a streamed answer, for a time or for ever, with or without pings.',
  details:
    'Without `for`, nothing more comes and the connection stays open until the client gives up. ' +
    '`pings` keeps the connection alive meanwhile, which hides the stall from read timeouts. ' +
    'Real stalls lasted 35 to 138 s, or for good. A place by bytes stalls at exactly that byte (between two frames ' +
    'if there are pings).',
  params: z
    .strictObject({
      ...placeShape,
      for: durationMs.optional().describe('How long; for ever without it.'),
      pings: durationMs
        .refine((ms) => ms >= 10, { error: 'must be 10ms or more' })
        .optional()
        .describe('Send a ping at this interval during the stall.'),
    })
    .refine(onePlace, ONE_PLACE),
  example: { inside: 'tool_use', for: '35s', pings: '10s' },
  plan: (params) => {
    const place = readPlace(params);
    // Long and the same for every stream, so built once.
    const ops = stall(params.for, params.pings);
    const open = (): StreamFilter =>
      params.pings === undefined
        ? new PointFilter(new PlaceWatch(place), () => ops, { frame: 'split' })
        : new PointFilter(new PlaceWatch(place, { within: 'stream' }), () => ops);
    const effects: Effect[] = [{ do: 'filter', open }];
    return () => effects;
  },
});

function stall(ms: number | undefined, interval: number | undefined): readonly StreamOp[] {
  const length = ms === undefined ? 'for ever' : `${ms} ms`;
  const ops: StreamOp[] = [
    { op: 'applied', note: `stall ${length}${interval === undefined ? '' : ', with pings'}` },
  ];
  let left = ms ?? (interval === undefined ? 0 : FOREVER_MS);
  if (interval !== undefined) {
    const wait: StreamOp = { op: 'wait', ms: interval };
    // The same two objects throughout: a stall for ever is a long list.
    const ping: StreamOp = { op: 'bytes', bytes: PING.raw };
    for (let n = 0; left > interval && n < MOST_PINGS; n++, left -= interval) ops.push(wait, ping);
  }
  if (left > 0) ops.push({ op: 'wait', ms: left });
  if (ms === undefined) ops.push({ op: 'end', how: 'hang' });
  return Object.freeze(ops);
}

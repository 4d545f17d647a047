/** `timeout`: no answer, so that the client's own limit is what ends the call. */
import { z } from 'zod';
import { durationMs } from '../duration.ts';
import type { Effect } from '../effect.ts';
import { defineFault } from './fault.ts';

/** Takes the request and never answers; with `for`, ends the connection after that long. */
export const timeout = defineFault({
  kind: 'timeout',
  phase: 'exchange',
  changes: 'nothing',
  summary: 'Take the request and never answer.',
  details:
    '`at: request` never asks the API; `at: head` lets it work and withholds the answer, so that the call is paid for. ' +
    'With `for`, the connection ends after that time without a byte of an answer.',
  params: z
    .strictObject({
      at: z
        .enum(['request', 'head'], { error: 'at is request or head' })
        .default('request')
        .describe('Before the call is forwarded (`request`) or once the API has answered (`head`).'),
      for: durationMs.optional().describe('How long to keep silent; default: until the client gives up.'),
      end: z
        .enum(['close', 'reset'], { error: 'end is close or reset' })
        .optional()
        .describe('How the connection ends after `for`; default `close`.'),
    })
    .refine(({ for: ms, end }) => ms !== undefined || end === undefined, {
      path: ['end'],
      error: 'end says what follows after `for`: add for: 30s, or drop end',
    }),
  example: {},
  plan: (params) => {
    const effects = silence(params);
    return () => effects;
  },
});

function silence(params: {
  at: 'request' | 'head';
  for?: number | undefined;
  end?: 'close' | 'reset' | undefined;
}): readonly Effect[] {
  const { at, for: ms, end: how = 'close' } = params;
  if (ms === undefined) return Object.freeze([{ do: 'end', at, how: 'hang' } as const]);
  return Object.freeze([{ do: 'delay', at, ms } as const, { do: 'end', at, how } as const]);
}

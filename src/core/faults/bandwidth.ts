/** A thin line. */
import { z } from 'zod';
import type { ThrottleEffect } from '../effect.ts';
import { byteSize } from '../size.ts';
import { defineFault } from './fault.ts';

const rate = byteSize.refine((bytes) => bytes > 0, { error: 'must be 1B or more' }).optional();

export const bandwidth = defineFault({
  kind: 'bandwidth',
  phase: 'exchange',
  changes: 'timing',
  summary: 'Limit the bandwidth of a call, up, down or both.',
  details:
    '`up` limits the request on its way to the upstream (a call that is answered here is read as slowly), `down` the ' +
    'answer on its way to the client.',
  params: z
    .strictObject({
      up: rate.describe('Bytes per second of the request.'),
      down: rate.describe('Bytes per second of the answer.'),
    })
    .refine((params) => params.up !== undefined || params.down !== undefined, {
      error: 'give up, down or both',
    }),
  example: { up: '64KiB', down: '256KiB' },
  plan: (params) => {
    const effects = (['up', 'down'] as const).flatMap((direction): ThrottleEffect[] => {
      const bytesPerSecond = params[direction];
      return bytesPerSecond === undefined ? [] : [{ do: 'throttle', direction, bytesPerSecond }];
    });
    return () => effects;
  },
});

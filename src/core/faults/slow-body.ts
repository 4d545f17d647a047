/** An answer that drips. */
import { z } from 'zod';
import { durationMs } from '../duration.ts';
import type { ThrottleEffect } from '../effect.ts';
import { byteSize } from '../size.ts';
import { defineFault } from './fault.ts';

export const slowBody = defineFault({
  kind: 'slow-body',
  phase: 'exchange',
  changes: 'timing',
  summary: "Send an answer's body slowly, or let its first byte wait.",
  details: 'The head goes out at once. Acts on every answer; for the pace of tokens, see `slow-stream`.',
  params: z
    .strictObject({
      per_second: byteSize
        .refine((bytes) => bytes > 0, { error: 'must be 1B or more' })
        .optional()
        .describe('Bytes per second; no limit without it.'),
      first_byte: durationMs.optional().describe('Time from the head to the first byte of the body.'),
    })
    .refine((params) => params.per_second !== undefined || params.first_byte !== undefined, {
      error: 'give per_second or first_byte',
    }),
  example: { per_second: '1KiB', first_byte: '2s' },
  plan: ({ per_second: rate, first_byte: firstByte }) => {
    const throttle: ThrottleEffect = {
      do: 'throttle',
      direction: 'down',
      bytesPerSecond: rate ?? Number.POSITIVE_INFINITY,
      ...(firstByte === undefined ? {} : { firstByteMs: firstByte }),
    };
    const effects = [throttle];
    return () => effects;
  },
});

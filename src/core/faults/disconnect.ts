/** `disconnect`: the connection fails under a call, or between two. Failures before a request are in `connect-failure.ts`. */
import { z } from 'zod';
import { durationMs } from '../duration.ts';
import type { CutEffect, EndEffect, EndHow } from '../effect.ts';
import { byteSize } from '../size.ts';
import { endHow } from './end-how.ts';
import { defineFault } from './fault.ts';

const bytes = byteSize.refine((size) => size > 0, { error: 'must be 1B or more' });

const point = z.union(
  [
    z.enum(['request', 'head']),
    z.strictObject({ bytes_up: bytes }),
    z.strictObject({ bytes_down: bytes }),
    z.strictObject({ idle: durationMs }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'string' && /^(accept|tls-hello|handshake)$/.test(input)
        ? `at: ${input} comes before there is a call: use kind: connect-failure`
        : 'at is request, head, { bytes_up: 64KiB }, { bytes_down: 64KiB } or { idle: 5s }',
  },
);

/** Ends or freezes the connection of a call. */
export const disconnect = defineFault({
  kind: 'disconnect',
  phase: 'exchange',
  changes: 'connection',
  summary: 'End or freeze the connection under a call, or while it is kept alive.',
  details:
    '`at: request` acts once the request was read (the API is never asked), `at: head` once the API has answered (the ' +
    'call is paid for). `{ bytes_up: N }` counts the request and `{ bytes_down: N }` the answer, each with its head, ' +
    'as HTTP has them: TLS and TCP add to that. `{ idle: 5s }` lets the call succeed and ends its connection that ' +
    'long afterwards, unless it is in use again. What is to be read before a reset is flushed first. What ' +
    'clients call it: [network-faults.md](network-faults.md).',
  params: z
    .strictObject({
      how: endHow,
      at: point
        .default('request')
        .describe(
          'When: `request`, `head`, `{ bytes_up: 64KiB }`, `{ bytes_down: 64KiB }` or `{ idle: 5s }`.',
        ),
    })
    .refine(({ how, at }) => !(how === 'hang' && typeof at === 'object' && 'idle' in at), {
      path: ['how'],
      error: 'a connection that idles is silent already: use reset, close, abrupt or half-close',
    }),
  example: { how: 'reset', at: { bytes_down: '512B' } },
  plan: ({ how, at }) => {
    const effects = Object.freeze([effectAt(at, how)]);
    return () => effects;
  },
});

function effectAt(at: z.output<typeof point>, how: EndHow): EndEffect | CutEffect {
  if (typeof at === 'string') return { do: 'end', at, how };
  if ('idle' in at) return { do: 'end', at: 'idle', how, afterMs: at.idle };
  return 'bytes_up' in at
    ? { do: 'cut', direction: 'up', bytes: at.bytes_up, how }
    : { do: 'cut', direction: 'down', bytes: at.bytes_down, how };
}

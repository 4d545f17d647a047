/** `connect-failure`: a connection that goes wrong before it carries a request. Later failures are in `disconnect.ts`. */
import { z } from 'zod';
import type { EndEffect } from '../effect.ts';
import { endHow } from './end-how.ts';
import { defineFault } from './fault.ts';

const POINTS = { accept: 'accept', 'tls-hello': 'tls', handshake: 'secure' } as const satisfies Record<
  string,
  EndEffect['at']
>;

/** Ends or freezes a connection before its first request. */
export const connectFailure = defineFault({
  kind: 'connect-failure',
  phase: 'connection',
  changes: 'connection',
  summary: 'End or freeze a connection before it carries a request.',
  details:
    '`at: accept` acts before a byte is read (in a tunnel: right after the CONNECT was answered), `at: tls-hello` once ' +
    "the client's hello was read, `at: handshake` once the TLS handshake is done. Without TLS only `accept` can act. " +
    'Under TLS 1.3 a client may take the handshake for done and send its request before it sees the end. What clients call it: [network-faults.md](network-faults.md).',
  params: z.strictObject({
    how: endHow,
    at: z
      .enum(Object.keys(POINTS) as (keyof typeof POINTS)[], {
        error: 'at is accept, tls-hello or handshake; once a request was sent, use kind: disconnect',
      })
      .default('accept')
      .describe('When: at `accept`, after the `tls-hello`, or after the `handshake`.'),
  }),
  example: { how: 'reset', at: 'tls-hello' },
  plan: ({ how, at }) => {
    const effects = Object.freeze([{ do: 'end', at: POINTS[at], how } as const]);
    return () => effects;
  },
});

/** `slow-accept`: a connection that is accepted, and then waits. */
import { z } from 'zod';
import { defineFault } from './fault.ts';
import { waitMs, waitParam } from './wait.ts';

/** Waits between accepting a connection and reading its first byte. */
export const slowAccept = defineFault({
  kind: 'slow-accept',
  phase: 'connection',
  changes: 'timing',
  summary: 'Let a new connection wait before its first byte is read.',
  details:
    'TCP connects at once and a tunnel is opened at once; then nothing is read, so the TLS handshake (or, without TLS, ' +
    'the first call) stands still for that long. Clients with a connect timeout may give up.',
  params: z.strictObject({ delay: waitParam }),
  example: { delay: '3s' },
  plan:
    ({ delay }) =>
    (context) => [{ do: 'delay', at: 'accept', ms: waitMs(delay, context) }],
});

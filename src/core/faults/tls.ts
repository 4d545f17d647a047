/** `tls`: a handshake that a careful client refuses, or that fails by itself. */
import { z } from 'zod';
import type { TlsEffect } from '../effect.ts';
import { defineFault } from './fault.ts';

const FLAWS = [
  'expired',
  'wrong-host',
  'untrusted',
  'self-signed',
  'old-protocol',
  'alert',
] as const satisfies readonly TlsEffect['as'][];

/** Presents a bad certificate, or answers the hello with a fatal alert. */
export const tlsFault = defineFault({
  kind: 'tls',
  phase: 'connection',
  changes: 'connection',
  summary: 'Present a bad certificate, or break the TLS handshake with an alert.',
  details:
    '`expired`, `wrong-host` (a subdomain of the host), `untrusted` (signed by a stranger) and `self-signed` are ' +
    'certificates: a client that accepts them does not verify. `old-protocol` answers the hello with the fatal alert ' +
    'protocol_version, `alert` with handshake_failure. Acts on connections with TLS alone. What clients call ' +
    'it: [network-faults.md](network-faults.md).',
  params: z.strictObject({
    flaw: z
      .enum(FLAWS, { error: `flaw is ${FLAWS.slice(0, -1).join(', ')} or ${FLAWS.at(-1)}` })
      .describe('What is wrong with the certificate or the handshake.'),
  }),
  example: { flaw: 'expired' },
  plan: ({ flaw }) => {
    const effects = Object.freeze([{ do: 'tls', as: flaw } as const]);
    return () => effects;
  },
});

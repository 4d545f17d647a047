/** Finds a key exchange group that makes a TLS 1.3 handshake with a client take one round more. */
import type { ClientHello } from '../../core/tls/client-hello.ts';

/** Groups by number, with OpenSSL's names; all are at hand wherever Node runs. */
const GROUPS: readonly (readonly [number, string])[] = [
  [0x18, 'P-384'],
  [0x17, 'P-256'],
  [0x19, 'P-521'],
  [0x1d, 'X25519'],
  [0x1e, 'X448'],
];

const TLS_1_3 = 0x0304;

/**
 * @returns a group that the client can do but sent no key for: a server that accepts only this one must answer with
 *   HelloRetryRequest. `not-needed` below TLS 1.3, where a handshake has two rounds anyway; undefined where there is none
 */
export function retryGroup(
  hello: Extract<ClientHello, { kind: 'hello' }>,
): string | 'not-needed' | undefined {
  if (!hello.versions.includes(TLS_1_3)) return 'not-needed';
  return GROUPS.find(([id]) => hello.groups.includes(id) && !hello.shares.includes(id))?.[1];
}

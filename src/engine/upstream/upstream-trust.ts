/** Which authorities an upstream's certificate may come from: Node's own roots, and one that the user names. */
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { memoLast } from '../../core/memo-last.ts';

/** @param ca certificates in PEM, trusted besides the roots */
export function upstreamTrust(ca: string | undefined): SecureContext {
  return ca === undefined ? createSecureContext() : withAuthority(ca);
}

/** Reading all roots takes some 20 ms, and who starts many proxies names the same authority. */
const withAuthority = memoLast(
  (ca: string): SecureContext => createSecureContext({ ca: [...rootCertificates, ca] }),
);

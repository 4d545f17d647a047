/** Which authorities an upstream's certificate may come from: Node's own roots, and one that the user names. */
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** The last one that was named: reading all roots takes some 20 ms, and who starts many proxies names the same. */
let last: { readonly ca: string; readonly context: SecureContext } | undefined;

/** @param ca certificates in PEM, trusted besides the roots */
export function upstreamTrust(ca: string | undefined): SecureContext {
  if (ca === undefined) return createSecureContext();
  if (last?.ca !== ca) last = { ca, context: createSecureContext({ ca: [...rootCertificates, ca] }) };
  return last.context;
}

/** A CA ready to sign leaves, whether ours (`store.ts`) or the user's (`user-ca.ts`). What `leaf.ts` and `authority.ts` work with. */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { type CertificateParts, readCertificate } from './certificate-reader.ts';
import { keyIdentifier } from './key-identifier.ts';
import type { NameConstraints } from './name-constraints.ts';
import { validity } from './validity.ts';

export interface Issuer {
  readonly key: KeyObject;
  /** DER of the name that leaves carry as issuer. */
  readonly subject: Buffer;
  /** What leaves carry as authority key identifier. */
  readonly keyIdentifier: Buffer;
  /** Milliseconds since the Unix epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly constraints: NameConstraints | undefined;
  /** PEM of the certificates to serve after a leaf; never the root. */
  readonly chainPem: string;
}

export function issuerOf(certificate: X509Certificate, key: KeyObject, chainPem: string): Issuer {
  const parts: CertificateParts = readCertificate(certificate.raw);
  return {
    key,
    subject: parts.subject,
    keyIdentifier: parts.subjectKeyIdentifier ?? keyIdentifier(parts.publicKey),
    ...validity(certificate),
    constraints: parts.nameConstraints,
    chainPem,
  };
}

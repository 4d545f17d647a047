/** Leaf certificates: good ones, and those with a flaw that TLS faults present. All of an authority share one key. */
import type { KeyObject } from 'node:crypto';
import { commonName, publicKeyInfo, signCertificate } from './certificate.ts';
import { sequence } from './der.ts';
import { KEY_USAGE } from './extension-ids.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  serverAuth,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts';
import { type HostName, parseHostName } from './host-name.ts';
import type { Issuer } from './issuer.ts';
import { keyIdentifier } from './key-identifier.ts';
import { NOBODY, permits } from './name-constraints.ts';

export type CertificateFlaw = 'expired' | 'wrong-host' | 'untrusted' | 'self-signed';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Well under the 197 days that clients will soon hold public leaves to. */
const LIFETIME = 7 * DAY;
const BACKDATE = HOUR;

/** Hosts stand in the SAN alone, and our issuer signs for no other name (see `own-ca.ts`). */
const NO_NAME = sequence();
/** An issuer has a name, also of itself. With a space in it no verifier takes it for a host name. */
const LEAF_NAME = commonName('Fault Proxy Leaf');

export interface Leaf {
  readonly der: Buffer;
  /** Milliseconds since the Unix epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The key that leaves certify, and what of it they hold. */
export interface LeafKey {
  readonly privateKey: KeyObject;
  readonly publicKeyInfo: Buffer;
  readonly keyIdentifier: Buffer;
}

export function leafKey(pair: { privateKey: KeyObject; publicKey: KeyObject }): LeafKey {
  const info = publicKeyInfo(pair.publicKey);
  return { privateKey: pair.privateKey, publicKeyInfo: info, keyIdentifier: keyIdentifier(info) };
}

/**
 * Signs a leaf for `host`.
 *
 * @param now milliseconds since the Unix epoch
 * @param flaw `untrusted` is not made here: hand in an issuer that nobody trusts
 */
export function issueLeaf(
  issuer: Issuer,
  key: LeafKey,
  host: HostName,
  now: number,
  flaw?: CertificateFlaw,
): Leaf {
  const times = lifetime(issuer, now, flaw);
  const selfSigned = flaw === 'self-signed';
  const named = flaw === 'wrong-host' ? otherHost(issuer, host) : host;
  const subject = selfSigned ? LEAF_NAME : NO_NAME;
  const der = signCertificate(
    {
      ...times,
      subject,
      issuer: selfSigned ? subject : issuer.subject,
      publicKey: key.publicKeyInfo,
      extensions: [
        basicConstraints(undefined),
        keyUsage(KEY_USAGE.digitalSignature),
        serverAuth(),
        subjectKeyIdentifier(key.keyIdentifier),
        authorityKeyIdentifier(selfSigned ? key.keyIdentifier : issuer.keyIdentifier),
        ...(named ? [subjectAltName(named, !selfSigned)] : []),
      ],
    },
    selfSigned ? key.privateKey : issuer.key,
  );
  return { der, ...times };
}

function lifetime(
  issuer: Issuer,
  now: number,
  flaw?: CertificateFlaw,
): { notBefore: number; notAfter: number } {
  if (flaw === 'expired') return { notBefore: now - DAY - LIFETIME, notAfter: now - DAY };
  if (flaw === 'self-signed') return { notBefore: now - BACKDATE, notAfter: now + LIFETIME };
  return {
    notBefore: Math.max(now - BACKDATE, issuer.notBefore),
    notAfter: Math.min(now + LIFETIME, issuer.notAfter),
  };
}

/**
 * A host that is not `host` and that the issuer may sign: outside its constraints clients would report those instead
 * of a mismatch. Undefined where there is none: a leaf without names matches nothing.
 */
function otherHost(issuer: Issuer, host: HostName): HostName | undefined {
  const domain = host.kind === 'dns' ? host.name : (issuer.constraints?.permitted.dns[0] ?? NOBODY.dns);
  const other = parseHostName(`wrong-host.${domain.replace(/^\./, '')}`);
  return other && (!issuer.constraints || permits(issuer.constraints, other)) ? other : undefined;
}

/**
 * Makes our CA. Of all keys made here, the issuer's alone is kept; the root's is gone when {@link makeOwnCa} returns.
 * Kept on disk by `store.ts`.
 *
 *     root       critical constraints
 *     ├─ issuer     the same constraints, and no directory name at all: not critical, since Go refuses a certificate
 *     │             with a critical constraint on a kind of name that it does not know
 *     └─ detour     the same name and key: critical constraints, a policy required, the root's key misnamed
 *
 * Why the constraints stand below the root: verifiers may ignore those of a trust anchor (Java does), but not those of
 * a certificate below it. Why no directory name: OpenSSL and Java take a common name for a host where a leaf has no
 * other, and judge it by the constraints on DNS names only when it looks like one, which `*.example.com` does not. A
 * leaf of ours has an empty subject, and whatever has another is refused. Why the detour: rustls and Firefox refuse all
 * that stands below a constraint on directory names, and look for another way to the root. They read no common names, or
 * judge them all. Those who do not are kept from the detour: OpenSSL, BoringSSL and GnuTLS take for an issuer only whom
 * the authority key identifier names, which the others do not read; and nothing here has the policy that Java then wants.
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { commonName, publicKeyInfo, signCertificate } from './certificate.ts';
import { KEY_USAGE } from './extension-ids.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  nameConstraints,
  namelessConstraints,
  requiredPolicy,
  serverAuth,
  subjectKeyIdentifier,
} from './extensions.ts';
import type { HostName } from './host-name.ts';
import { keyIdentifier } from './key-identifier.ts';
import { constraintsFor } from './name-constraints.ts';
import { writePem } from './pem.ts';

const DAY = 86_400_000;
/** Nothing can be renewed without the root's key, so all live as long. */
const LIFETIME = 730 * DAY;
/** Machines and containers whose clocks lag accept the CA at once. */
const BACKDATE = DAY;

export interface OwnCa {
  readonly keyPem: string;
  /** Signed by the root: what leaves are checked against. */
  readonly issuerPem: string;
  /** The issuer's second certificate. */
  readonly detourPem: string;
  readonly rootPem: string;
}

/** @param now milliseconds since the Unix epoch */
export function makeOwnCa(targets: readonly HostName[], now: number): OwnCa {
  // Names tell one CA from the next in a trust store.
  const id = randomBytes(4).toString('hex');
  const root = newParty(`anthropic-error-plugin root ${id}`);
  const issuer = newParty(`anthropic-error-plugin issuer ${id}`);
  const limits = constraintsFor(targets);
  const times = { notBefore: now - BACKDATE, notAfter: now + LIFETIME };
  const certify = (subject: Party, pathLength: number, rootKeyId: Buffer, more: readonly Buffer[]): string =>
    writePem(
      'CERTIFICATE',
      signCertificate(
        {
          ...times,
          subject: subject.name,
          issuer: root.name,
          publicKey: subject.keyInfo,
          extensions: [
            basicConstraints(pathLength),
            keyUsage(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign),
            subjectKeyIdentifier(subject.keyId),
            authorityKeyIdentifier(rootKeyId),
            ...more,
          ],
        },
        root.privateKey,
      ),
    );
  const limited = nameConstraints(limits);
  return {
    keyPem: issuer.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    issuerPem: certify(issuer, 0, root.keyId, [serverAuth(), namelessConstraints(limits)]),
    detourPem: certify(issuer, 0, randomBytes(root.keyId.length), [serverAuth(), limited, requiredPolicy()]),
    // Constraints on the root show whoever installs it what it can do.
    rootPem: certify(root, 1, root.keyId, [limited]),
  };
}

interface Party {
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly keyInfo: Buffer;
  readonly keyId: Buffer;
}

function newParty(name: string): Party {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyInfo = publicKeyInfo(publicKey);
  return { name: commonName(name), privateKey, keyInfo, keyId: keyIdentifier(keyInfo) };
}

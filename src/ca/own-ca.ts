/**
 * Makes our CA: a root whose private key never leaves {@link makeOwnCa} and is gone when it returns, and the
 * intermediate that it signed. Only the intermediate's key is kept. Why two: verifiers may ignore the constraints of
 * a trust anchor (Java does), but not those of a certificate below it. Kept on disk by `store.ts`.
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { commonName, publicKeyInfo, signCertificate } from './certificate.ts';
import { KEY_USAGE } from './extension-ids.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  nameConstraints,
  serverAuth,
  subjectKeyIdentifier,
} from './extensions.ts';
import type { HostName } from './host-name.ts';
import { keyIdentifier } from './key-identifier.ts';
import { constraintsFor } from './name-constraints.ts';
import { writePem } from './pem.ts';

const DAY = 86_400_000;
/** The intermediate cannot be renewed without its root's key, so both live as long. */
const LIFETIME = 730 * DAY;
/** Machines and containers whose clocks lag accept the CA at once. */
const BACKDATE = DAY;

export interface OwnCa {
  readonly keyPem: string;
  readonly intermediatePem: string;
  readonly rootPem: string;
}

/** @param now milliseconds since the Unix epoch */
export function makeOwnCa(targets: readonly HostName[], now: number): OwnCa {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const intermediate = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Names tell one CA from the next in a trust store.
  const id = randomBytes(4).toString('hex');
  const rootName = commonName(`anthropic-error-plugin root ${id}`);
  const rootKeyInfo = publicKeyInfo(root.publicKey);
  const rootKeyId = keyIdentifier(rootKeyInfo);
  const limits = nameConstraints(constraintsFor(targets));
  const times = { notBefore: now - BACKDATE, notAfter: now + LIFETIME };
  const certify = (
    subject: Buffer,
    publicKey: Buffer,
    signer: KeyObject,
    pathLength: number,
    more: readonly Buffer[],
  ): string =>
    writePem(
      'CERTIFICATE',
      signCertificate(
        {
          ...times,
          subject,
          issuer: rootName,
          publicKey,
          extensions: [
            basicConstraints(pathLength),
            keyUsage(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign),
            // On the root too: there it shows whoever installs it what it can do.
            limits,
            subjectKeyIdentifier(keyIdentifier(publicKey)),
            authorityKeyIdentifier(rootKeyId),
            ...more,
          ],
        },
        signer,
      ),
    );
  const issuerName = commonName(`anthropic-error-plugin issuer ${id}`);
  return {
    keyPem: intermediate.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    intermediatePem: certify(issuerName, publicKeyInfo(intermediate.publicKey), root.privateKey, 0, [
      serverAuth(),
    ]),
    rootPem: certify(rootName, rootKeyInfo, root.privateKey, 1, []),
  };
}

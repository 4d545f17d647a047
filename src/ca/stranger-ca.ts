/** A CA that nobody trusts, for the fault `untrusted`: made in memory, gone with the process. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { commonName, publicKeyInfo, signCertificate } from './certificate.ts';
import { KEY_USAGE } from './extension-ids.ts';
import { authorityKeyIdentifier, basicConstraints, keyUsage, subjectKeyIdentifier } from './extensions.ts';
import { type Issuer, issuerOf } from './issuer.ts';
import { keyIdentifier } from './key-identifier.ts';
import { writePem } from './pem.ts';

const DAY = 86_400_000;

/**
 * Its root is served with the leaf, as inspecting proxies do: clients then say "self-signed certificate in certificate
 * chain" and not that the server forgot its intermediate.
 */
export function strangerCa(now: number): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = commonName('Untrusted Test Root');
  const info = publicKeyInfo(publicKey);
  const der = signCertificate(
    {
      subject: name,
      issuer: name,
      notBefore: now - DAY,
      notAfter: now + 3650 * DAY,
      publicKey: info,
      extensions: [
        basicConstraints(0),
        keyUsage(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign),
        subjectKeyIdentifier(keyIdentifier(info)),
        authorityKeyIdentifier(keyIdentifier(info)),
      ],
    },
    privateKey,
  );
  return issuerOf(new X509Certificate(der), privateKey, writePem('CERTIFICATE', der));
}

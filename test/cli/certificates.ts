/** Certificates of a user, good and bad, made at test time. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonName, publicKeyInfo, signCertificate } from '../../src/ca/certificate.ts';
import { KEY_USAGE } from '../../src/ca/extension-ids.ts';
import { basicConstraints, keyUsage } from '../../src/ca/extensions.ts';
import { writePem } from '../../src/ca/pem.ts';

const DAY = 86_400_000;

/** Writes `<name>.crt` and `<name>.key`: a self-signed CA, or what the options make of it. */
export function writeCertificate(
  folder: string,
  name: string,
  { isCa = true, expired = false }: { isCa?: boolean; expired?: boolean } = {},
): void {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = commonName(`Test ${name}`);
  const der = signCertificate(
    {
      subject,
      issuer: subject,
      notBefore: Date.now() - 10 * DAY,
      notAfter: Date.now() + (expired ? -DAY : DAY),
      publicKey: publicKeyInfo(pair.publicKey),
      extensions: isCa
        ? [basicConstraints(1), keyUsage(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign)]
        : [keyUsage(KEY_USAGE.digitalSignature)],
    },
    pair.privateKey,
  );
  writeFileSync(join(folder, `${name}.crt`), writePem('CERTIFICATE', der));
  writeFileSync(join(folder, `${name}.key`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

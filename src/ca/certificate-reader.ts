/** The parts of a certificate that `node:crypto`'s X509Certificate does not show: raw subject, key usage, constraints. */
import { readChildren, readElement, readOid } from './der-reader.ts';
import { EXTENSION } from './extension-ids.ts';
import { decodeNameConstraints, type NameConstraints } from './name-constraints.ts';

export interface CertificateParts {
  /** DER of the subject, which must stand byte for byte as issuer in what it signs. */
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly subjectKeyIdentifier: Buffer | undefined;
  /** Undefined when the certificate does not restrict its key. */
  readonly keyUsage: ((bit: number) => boolean) | undefined;
  readonly nameConstraints: NameConstraints | undefined;
}

/** @throws RangeError when `der` is no certificate */
export function readCertificate(der: Buffer): CertificateParts {
  const fields = readChildren(readChildren(readElement(der).contents)[0]?.contents ?? Buffer.alloc(0));
  // Version 1 leaves out the [0] version.
  const [, , , , subject, publicKey, ...rest] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (!subject || !publicKey) throw new RangeError('not a certificate');
  const extensions = readExtensions(rest.find((field) => field.tag === 0xa3)?.contents);
  const identifier = extensions.get(EXTENSION.subjectKeyIdentifier);
  const usage = extensions.get(EXTENSION.keyUsage);
  const constraints = extensions.get(EXTENSION.nameConstraints);
  return {
    subject: subject.whole,
    publicKey: publicKey.whole,
    subjectKeyIdentifier: identifier && readElement(identifier).contents,
    keyUsage: usage && usageTest(readElement(usage).contents),
    nameConstraints: constraints && decodeNameConstraints(constraints),
  };
}

function readExtensions(field: Buffer | undefined): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  if (!field) return found;
  for (const entry of readChildren(readElement(field).contents)) {
    const parts = readChildren(entry.contents);
    const id = parts[0];
    const value = parts.at(-1);
    if (id && value) found.set(readOid(id.contents), value.contents);
  }
  return found;
}

/** @param contents contents of the BIT STRING: count of unused bits, then the bits */
function usageTest(contents: Buffer): (bit: number) => boolean {
  return (bit) => ((contents[1 + Math.floor(bit / 8)] ?? 0) & (0x80 >> (bit % 8))) !== 0;
}

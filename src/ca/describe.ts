/** What a CA is, for people and for `ca show`: who, until when, for which hosts, in which files. */
import { X509Certificate } from 'node:crypto';
import { readCertificate } from './certificate-reader.ts';
import { permittedHosts } from './name-constraints.ts';
import { loadStore, type StoredCa, storePaths } from './store.ts';
import { validity } from './validity.ts';

export interface CertificateDescription {
  /** The subject's common name, or its whole subject where it has none. */
  readonly name: string;
  /** Hex with colons, upper case, as browsers show them. */
  readonly sha256: string;
  readonly sha1: string;
  /** Hex. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hosts it may sign for, each with everything below it; undefined when it is not limited. */
  readonly permitted: readonly string[] | undefined;
}

export interface AuthorityDescription extends CertificateDescription {
  /** The root to trust. */
  readonly certificatePath: string;
  /** The issuer's private key, and the certificates. */
  readonly keyPath: string;
  readonly outdated: StoredCa['outdated'];
}

/** Describes our CA in a state directory, and mends the certificate's file; undefined when none was made yet. Makes none. */
export async function describeAuthority(options: {
  readonly stateDir: string;
}): Promise<AuthorityDescription | undefined> {
  const paths = storePaths(options.stateDir);
  const stored = await loadStore(options.stateDir);
  return (
    stored && {
      ...describeCertificate(stored.rootPem),
      certificatePath: paths.certificate,
      keyPath: paths.key,
      outdated: stored.outdated,
    }
  );
}

/** Describes one certificate, ours or the user's. */
export function describeCertificate(pem: string): CertificateDescription {
  const certificate = new X509Certificate(pem);
  const { nameConstraints } = readCertificate(certificate.raw);
  const { notBefore, notAfter } = validity(certificate);
  return {
    name: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject.replaceAll('\n', ', '),
    sha256: certificate.fingerprint256,
    sha1: certificate.fingerprint,
    serial: certificate.serialNumber,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    permitted: nameConstraints && permittedHosts(nameConstraints),
  };
}

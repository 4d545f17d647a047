/** Writes and signs one X.509 v3 certificate. What goes into which certificate is decided in `own-ca.ts` and `leaf.ts`. */
import { type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  contextConstructed,
  integer,
  nullValue,
  oid,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts';
import { extensionList } from './extensions.ts';

export interface CertificateDraft {
  /** DER of the Name. */
  readonly subject: Buffer;
  readonly issuer: Buffer;
  /** Milliseconds since the Unix epoch; written in whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** Signs a draft; the serial is random. @returns DER */
export function signCertificate(draft: CertificateDraft, key: KeyObject): Buffer {
  const { hash, algorithm } = signatureAlgorithm(key);
  const body = sequence(
    contextConstructed(0, integer(2)),
    integer(randomSerial()),
    algorithm,
    draft.issuer,
    sequence(time(draft.notBefore), time(draft.notAfter)),
    draft.subject,
    draft.publicKey,
    extensionList(draft.extensions),
  );
  return sequence(body, algorithm, bitString(sign(hash, body, key)));
}

/** 16 bytes, positive and without a leading zero, so that every serial has the same length. */
function randomSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}

/** Signature algorithms by key: each curve with the hash of its strength. */
const EC_ALGORITHMS: Readonly<Record<string, { hash: string; id: string }>> = {
  prime256v1: { hash: 'sha256', id: '1.2.840.10045.4.3.2' },
  secp384r1: { hash: 'sha384', id: '1.2.840.10045.4.3.3' },
  secp521r1: { hash: 'sha512', id: '1.2.840.10045.4.3.4' },
};
const RSA_SHA256 = '1.2.840.113549.1.1.11';

/** Whether {@link signCertificate} can sign with this key. */
export function canSign(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'rsa') return true;
  return key.asymmetricKeyType === 'ec' && (key.asymmetricKeyDetails?.namedCurve ?? '') in EC_ALGORITHMS;
}

function signatureAlgorithm(key: KeyObject): { hash: string; algorithm: Buffer } {
  if (key.asymmetricKeyType === 'rsa')
    return { hash: 'sha256', algorithm: sequence(oid(RSA_SHA256), nullValue()) };
  const found = EC_ALGORITHMS[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (!found) throw new RangeError(`cannot sign with a key of type ${key.asymmetricKeyType}`);
  return { hash: found.hash, algorithm: sequence(oid(found.id)) };
}

/** A Name of one common name. */
export function commonName(text: string): Buffer {
  return sequence(setOf(sequence(oid('2.5.4.3'), utf8String(text))));
}

/** SubjectPublicKeyInfo of a public or private key's public half. */
export function publicKeyInfo(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** How certificates name keys. Apart from `certificate.ts`, since it is also needed where none is made. */
import { createHash } from 'node:crypto';
import { readChildren, readElement } from './der-reader.ts';

/** Key identifier by RFC 7093 method 1: the first 160 bits of the SHA-256 of the key's bits. */
export function keyIdentifier(publicKey: Buffer): Buffer {
  const bits = readChildren(readElement(publicKey).contents)[1];
  if (!bits) throw new RangeError('not a SubjectPublicKeyInfo');
  return createHash('sha256').update(bits.contents.subarray(1)).digest().subarray(0, 20);
}

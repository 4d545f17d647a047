/** Trusted certificates as a file that every Java reads: its own format of old, since none reads PEM. */
import { createHash } from 'node:crypto';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** What Java digests between password and contents. Without a password no reader checks the digest. */
const WHITENER = 'Mighty Aphrodite';

/** @param certificates DER */
export function javaKeyStore(certificates: readonly Buffer[]): Buffer {
  const contents = Buffer.concat([
    uint32(MAGIC),
    uint32(VERSION),
    uint32(certificates.length),
    ...certificates.flatMap((der, i) => [
      uint32(TRUSTED_CERTIFICATE),
      text(`root-${i}`),
      // When it was added: the same roots make the same file.
      Buffer.alloc(8),
      text('X.509'),
      uint32(der.length),
      der,
    ]),
  ]);
  const digest = createHash('sha1').update(WHITENER).update(contents).digest();
  return Buffer.concat([contents, digest]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** As Java's `writeUTF`, for ASCII. */
function text(ascii: string): Buffer {
  const bytes = Buffer.alloc(2 + ascii.length);
  bytes.writeUInt16BE(ascii.length);
  bytes.write(ascii, 2, 'ascii');
  return bytes;
}

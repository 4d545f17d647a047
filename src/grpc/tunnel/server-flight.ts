/**
 * Reads off a server's first words how many rounds its handshake takes. The caller lets both sides speak only in
 * turn, so the client's handshake must take as many rounds as the upstream's.
 */

const HANDSHAKE = 22;
const SERVER_HELLO = 2;
const RECORD_HEADER = 5;
/** Extension supported_versions: only a server that chose TLS 1.3 sends it. */
const SUPPORTED_VERSIONS = 43;

/** RFC 8446 §4.1.3: the random of a ServerHello that is a HelloRetryRequest. */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/**
 * - `one`: TLS 1.3; the server has said all that it has to say
 * - `two`: TLS 1.2, or TLS 1.3 after a HelloRetryRequest: it must hear from us and speak once more
 * - `more`: too few bytes to tell
 * - `none`: no TLS handshake (an alert, or another protocol)
 */
export type Rounds = 'one' | 'two' | 'more' | 'none';

/** @param bytes what the server sent so far */
export function readRounds(bytes: Buffer): Rounds {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return 'none';
  if (bytes.length < RECORD_HEADER + 4) return 'more';
  if (bytes[RECORD_HEADER] !== SERVER_HELLO) return 'none';
  // A ServerHello stands in its record's first bytes; those that exist fit in one record.
  const hello = bytes.subarray(RECORD_HEADER + 4);
  const length = bytes.readUIntBE(RECORD_HEADER + 1, 3);
  if (hello.length < length) return 'more';
  if (length < 38) return 'none';
  if (hello.subarray(2, 34).equals(RETRY)) return 'two';
  return hasExtension(hello.subarray(0, length), SUPPORTED_VERSIONS) ? 'one' : 'two';
}

function hasExtension(hello: Buffer, wanted: number): boolean {
  let at = 35 + (hello[34] ?? 0) + 3 + 2; // session id; cipher suite, compression; length of the extensions
  while (at + 4 <= hello.length) {
    if (hello.readUInt16BE(at) === wanted) return true;
    at += 4 + hello.readUInt16BE(at + 2);
  }
  return false;
}

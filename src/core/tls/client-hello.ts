/** Reads the server name out of a TLS ClientHello, without taking part in the handshake. */

export type ClientHello =
  | {
      readonly kind: 'hello';
      /** Lower case. Undefined when the client names no server. */
      readonly sni?: string;
      /** Application protocols offered, in order; empty without ALPN. */
      readonly alpn: readonly string[];
      /** Protocol versions offered, e.g. 0x0304 for TLS 1.3. */
      readonly versions: readonly number[];
      /** Key exchange groups that the client can do, by their numbers (RFC 8446 §4.2.7). */
      readonly groups: readonly number[];
      /** Those of them that it sent a key for: any other costs a HelloRetryRequest. */
      readonly shares: readonly number[];
    }
  | { readonly kind: 'more' }
  | { readonly kind: 'not-tls' };

const MORE: ClientHello = Object.freeze({ kind: 'more' });
const NOT_TLS: ClientHello = Object.freeze({ kind: 'not-tls' });

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
/** RFC 8446 §5.1: plaintext record length. */
const MAX_RECORD = 16_384;
/** A hello larger than this is refused; with post-quantum key shares real ones are below 4 KiB. */
const MAX_HELLO = 65_536;

/**
 * Reads a ClientHello from the first bytes of a connection. The hello may span several records, and the bytes may end
 * anywhere (`more`: call again with more of them). Bytes after the hello are not looked at.
 */
export function readClientHello(bytes: Buffer): ClientHello {
  const body = gatherHandshake(bytes);
  if (body === 'more') return MORE;
  return body === 'not-tls' ? NOT_TLS : parseHello(body);
}

/** The body of the first handshake message, put together from as many records as it takes. */
function gatherHandshake(bytes: Buffer): Reader | 'more' | 'not-tls' {
  const end = endInOneRecord(bytes);
  if (end > 0) return new Reader(bytes, RECORD_HEADER + 4, end);
  const parts: Buffer[] = [];
  let have = 0;
  let need = 4;
  for (let at = 0; have < need; ) {
    if (!looksLikeRecord(bytes, at)) return 'not-tls';
    if (bytes.length < at + RECORD_HEADER) return 'more';
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD) return 'not-tls';
    const part = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    parts.push(part);
    const known = have;
    have += part.length;
    if (known < 4 && have > known) {
      const start = Buffer.concat(parts);
      if (start[0] !== CLIENT_HELLO) return 'not-tls';
      if (start.length >= 4) {
        need = 4 + start.readUIntBE(1, 3);
        if (need > MAX_HELLO) return 'not-tls';
      }
    }
    if (have < need && part.length < length) return 'more';
    at += RECORD_HEADER + length;
  }
  return new Reader(Buffer.concat(parts), 4, need);
}

/** Where a hello ends that lies whole in its first record, as nearly all do; 0 for any other. */
function endInOneRecord(bytes: Buffer): number {
  if (bytes.length < RECORD_HEADER + 4 || !looksLikeRecord(bytes, 0)) return 0;
  const record = bytes.readUInt16BE(3);
  const end = RECORD_HEADER + 4 + bytes.readUIntBE(RECORD_HEADER + 1, 3);
  const whole = record <= MAX_RECORD && end <= RECORD_HEADER + record && end <= bytes.length;
  return whole && bytes[RECORD_HEADER] === CLIENT_HELLO ? end : 0;
}

/** Content type handshake and major version 3, as far as these bytes are there. */
function looksLikeRecord(bytes: Buffer, at: number): boolean {
  if (bytes.length > at && bytes[at] !== HANDSHAKE_RECORD) return false;
  return bytes.length <= at + 1 || bytes[at + 1] === 3;
}

function parseHello(reader: Reader): ClientHello {
  const legacyVersion = reader.u16();
  reader.skip(32);
  reader.skipVector(1);
  reader.skipVector(2);
  reader.skipVector(1);
  const hello: Fields = { alpn: [], versions: [], groups: [], shares: [] };
  if (reader.left > 0) {
    const extensions = reader.vector(2);
    while (extensions.left > 0 && !extensions.broken) {
      const type = extensions.u16();
      if (READ.has(type)) readExtension(type, extensions.vector(2), hello);
      else extensions.skipVector(2);
    }
    if (extensions.broken) return NOT_TLS;
  }
  if (reader.broken) return NOT_TLS;
  if (hello.versions.length === 0) hello.versions.push(legacyVersion);
  return { kind: 'hello', ...hello };
}

interface Fields {
  sni?: string;
  alpn: string[];
  versions: number[];
  groups: number[];
  shares: number[];
}

/** Extensions that are read: server_name, supported_groups, ALPN, supported_versions, key_share. */
const READ: ReadonlySet<number> = new Set([0, 10, 16, 43, 51]);

function readExtension(type: number, data: Reader, hello: Fields): void {
  if (type === 0) {
    const names = data.vector(2);
    while (names.left > 0 && !names.broken) {
      const isHost = names.u8() === 0;
      const name = names.vector(2).text();
      if (isHost && hello.sni === undefined && name !== '') hello.sni = name.toLowerCase();
    }
  } else if (type === 16) {
    const protocols = data.vector(2);
    while (protocols.left > 0 && !protocols.broken) hello.alpn.push(protocols.vector(1).text());
  } else if (type === 43) {
    const versions = data.vector(1);
    while (versions.left > 1) hello.versions.push(versions.u16());
  } else if (type === 10) {
    const groups = data.vector(2);
    while (groups.left > 1) hello.groups.push(groups.u16());
  } else if (type === 51) {
    const shares = data.vector(2);
    while (shares.left > 1 && !shares.broken) {
      hello.shares.push(shares.u16());
      shares.skipVector(2);
    }
  }
}

/** Reads big-endian fields of a range; a read past its end marks it broken and yields zeros, never throws. */
class Reader {
  broken = false;
  private readonly bytes: Buffer;
  private at: number;
  private readonly end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  skip(count: number): void {
    if (count > this.left) this.broken = true;
    this.at = Math.min(this.end, this.at + count);
  }

  u8(): number {
    return this.uint(1);
  }

  u16(): number {
    return this.uint(2);
  }

  /** The content of a vector whose length takes `lengthBytes` bytes; nothing when it is cut short. */
  vector(lengthBytes: 1 | 2): Reader {
    const length = this.uint(lengthBytes);
    const start = this.at;
    this.skip(length);
    return new Reader(this.bytes, this.broken ? this.at : start, this.at);
  }

  skipVector(lengthBytes: 1 | 2): void {
    this.skip(this.uint(lengthBytes));
  }

  text(): string {
    return this.bytes.toString('latin1', this.at, this.end);
  }

  private uint(size: 1 | 2): number {
    if (size > this.left) {
      this.broken = true;
      this.at = this.end;
      return 0;
    }
    const value = size === 1 ? this.bytes[this.at]! : this.bytes.readUInt16BE(this.at);
    this.at += size;
    return value;
  }
}

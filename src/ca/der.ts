/**
 * Writes DER (ITU-T X.690), as much of it as X.509 needs. The bottom of `ca/`: it knows nothing of certificates.
 * Read back by `der-reader.ts`.
 */

/** Tags of the types that X.509 uses. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: tag, length in the shortest form, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const size = contents.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(size)]), ...contents]);
}

function lengthOctets(size: number): number[] {
  if (size < 0x80) return [size];
  const octets: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return element(TAG.sequence, ...items);
}

/** SET OF: DER wants its items in ascending order of their encodings. */
export function setOf(...items: readonly Uint8Array[]): Buffer {
  return element(TAG.set, ...[...items].sort(Buffer.compare));
}

/** `[n]` around whole elements (EXPLICIT), or a constructed IMPLICIT. */
export function contextConstructed(n: number, ...items: readonly Uint8Array[]): Buffer {
  return element(0xa0 | n, ...items);
}

/** `[n]` in place of a primitive type's own tag (IMPLICIT). */
export function contextPrimitive(n: number, contents: Uint8Array): Buffer {
  return element(0x80 | n, contents);
}

/** A non-negative INTEGER from its big-endian magnitude; leading zeros do not matter. */
export function integer(magnitude: Uint8Array | number): Buffer {
  const bytes = typeof magnitude === 'number' ? magnitudeOf(magnitude) : magnitude;
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  if (digits.length === 0) return element(TAG.integer, Buffer.from([0]));
  // A set top bit would make it negative.
  const sign = digits[0]! >= 0x80 ? [Buffer.from([0])] : [];
  return element(TAG.integer, ...sign, digits);
}

function magnitudeOf(value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a non-negative integer: ${value}`);
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

export function boolean(value: boolean): Buffer {
  return element(TAG.boolean, Buffer.from([value ? 0xff : 0x00]));
}

export function nullValue(): Buffer {
  return element(TAG.null);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const arcs = dotted.split('.').map(Number);
  const [first, second, ...rest] = arcs;
  if (
    first === undefined ||
    second === undefined ||
    arcs.some((arc) => !Number.isSafeInteger(arc) || arc < 0)
  ) {
    throw new RangeError(`not an object identifier: ${dotted}`);
  }
  return element(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift(0x80 | (rest % 128));
  }
  return octets;
}

export function octetString(contents: Uint8Array): Buffer {
  return element(TAG.octetString, contents);
}

export function bitString(contents: Uint8Array, unusedBits = 0): Buffer {
  return element(TAG.bitString, Buffer.from([unusedBits]), contents);
}

/** A BIT STRING of named bits: bit 0 is the first octet's highest, and trailing zero bits are left out. */
export function namedBits(...positions: readonly number[]): Buffer {
  if (positions.length === 0) return bitString(Buffer.alloc(0));
  const highest = Math.max(...positions);
  const octets = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const position of positions) {
    const at = Math.floor(position / 8);
    octets[at] = octets[at]! | (0x80 >> (position % 8));
  }
  return bitString(octets, 7 - (highest % 8));
}

export function utf8String(text: string): Buffer {
  return element(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** A certificate's Time (RFC 5280 §4.1.2.5): UTCTime up to 2049, GeneralizedTime from 2050; whole seconds. */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2), 'ascii'))
    : element(TAG.generalizedTime, Buffer.from(digits, 'ascii'));
}

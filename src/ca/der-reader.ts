/**
 * Reads DER just far enough to look into certificates that others made (a user's CA) and that we stored.
 * Counterpart of `der.ts`. Throws RangeError on bytes that end too soon.
 */

/** One element in place: its tag, and where its bytes lie. */
export interface Element {
  readonly tag: number;
  /** Tag, length and contents. */
  readonly whole: Buffer;
  readonly contents: Buffer;
}

/** The element at `offset` of `bytes`. */
export function readElement(bytes: Buffer, offset = 0): Element {
  const tag = octet(bytes, offset);
  const first = octet(bytes, offset + 1);
  let start = offset + 2;
  let size = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new RangeError('DER length is indefinite or too large');
    size = 0;
    for (let i = 0; i < count; i += 1) size = size * 256 + octet(bytes, start + i);
    start += count;
  }
  if (start + size > bytes.length) throw new RangeError('DER element ends too soon');
  return { tag, whole: bytes.subarray(offset, start + size), contents: bytes.subarray(start, start + size) };
}

/** The elements inside a constructed one, in order. */
export function readChildren(contents: Buffer): Element[] {
  const children: Element[] = [];
  for (let offset = 0; offset < contents.length; ) {
    const child = readElement(contents, offset);
    children.push(child);
    offset += child.whole.length;
  }
  return children;
}

/** Dotted form of an OBJECT IDENTIFIER's contents. */
export function readOid(contents: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of contents) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const head = arcs[0] ?? 0;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...arcs.slice(1)].join('.');
}

function octet(bytes: Buffer, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw new RangeError('DER element ends too soon');
  return value;
}

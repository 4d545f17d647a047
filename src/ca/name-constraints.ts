/**
 * What a CA may sign for (RFC 5280 §4.2.1.10), computed from the targets and read back from any CA; written into ours by
 * `write-name-constraints.ts`.
 * A list of permitted DNS names leaves other kinds of names free, so each other kind is closed on its own.
 */
import { readChildren, readElement } from './der-reader.ts';
import { addressText, type HostName, isWithin } from './host-name.ts';

/** DNS names hold for themselves and all below; `''` for every name. Ranges are address then mask, 8 or 32 bytes. */
export interface Subtrees {
  readonly dns: readonly string[];
  readonly ip: readonly Buffer[];
}

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

/** Tags of GeneralName's choices. */
export const GENERAL_NAME = { email: 1, dns: 2, directory: 4, uri: 6, ip: 7 } as const;

/**
 * Names that nobody has (RFC 6761 §6.4; the broadcast address; the last multicast one). To permit one of them alone
 * closes its kind of name, and unlike exclusions every verifier understands it: Java cannot read an excluded empty DNS
 * name, and stumbles over an excluded range of one family when it is shown an address of the other.
 */
export const NOBODY = {
  dns: 'invalid',
  mailOrUri: '.invalid',
  ipv4: Buffer.alloc(4, 0xff),
  ipv6: Buffer.alloc(16, 0xff),
};
const ALL_ADDRESSES = [Buffer.alloc(8), Buffer.alloc(32)];

/** Constraints that allow the targets and nothing else. */
export function constraintsFor(targets: readonly HostName[]): NameConstraints {
  const names = targets.filter((target) => target.kind === 'dns').map((target) => target.name);
  const addresses = targets.filter((target) => target.kind === 'ip').map((target) => target.bytes);
  return {
    permitted: {
      dns: names.length > 0 ? topmost(names) : [NOBODY.dns],
      ip: addresses.length > 0 ? bothFamilies(addresses).map(singleAddress) : [],
    },
    // With no address permitted, these leave no doubt: a list of DNS names alone says nothing about addresses.
    excluded: { dns: [], ip: addresses.length > 0 ? [] : ALL_ADDRESSES },
  };
}

/** Each name once, and none that lies below another. */
function topmost(names: readonly string[]): string[] {
  const once = [...new Set(names)];
  return once.filter((name) => !once.some((other) => other !== name && isWithin(name, other)));
}

/** Each address once; a family without one gets nobody's, for verifiers that judge the families apart. */
function bothFamilies(addresses: readonly Buffer[]): Buffer[] {
  const once = addresses.filter((bytes, i) => addresses.findIndex((other) => other.equals(bytes)) === i);
  const missing = [NOBODY.ipv4, NOBODY.ipv6].filter(({ length }) =>
    once.every((bytes) => bytes.length !== length),
  );
  return [...once, ...missing];
}

/** An address as a range of one: itself, and a mask of ones. */
function singleAddress(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(bytes.length, 0xff)]);
}

/** Reads the extension's value; names of kinds other than DNS and IP are passed over. */
export function decodeNameConstraints(value: Buffer): NameConstraints {
  const none: Subtrees = { dns: [], ip: [] };
  let permitted = none;
  let excluded = none;
  for (const part of readChildren(readElement(value).contents)) {
    if (part.tag === 0xa0) permitted = decodeSubtrees(part.contents);
    if (part.tag === 0xa1) excluded = decodeSubtrees(part.contents);
  }
  return { permitted, excluded };
}

function decodeSubtrees(contents: Buffer): Subtrees {
  const bases = readChildren(contents).map((entry) => readElement(entry.contents));
  const of = (tag: number): Buffer[] =>
    bases.filter((base) => base.tag === (0x80 | tag)).map((base) => base.contents);
  return {
    dns: of(GENERAL_NAME.dns).map((name) => name.toString('ascii').toLowerCase()),
    ip: of(GENERAL_NAME.ip),
  };
}

/** Whether a leaf for `host` (for DNS, and for every name below it) would be accepted. */
export function permits({ permitted, excluded }: NameConstraints, host: HostName): boolean {
  if (host.kind === 'dns') {
    // An excluded name below a permitted host only matters to that name.
    if (excluded.dns.some((domain) => covers(domain, host.name))) return false;
    return permitted.dns.length === 0 || permitted.dns.some((domain) => covers(domain, host.name));
  }
  if (excluded.ip.some((range) => inRange(host.bytes, range))) return false;
  return permitted.ip.length === 0 || permitted.ip.some((range) => inRange(host.bytes, range));
}

function covers(domain: string, name: string): boolean {
  if (domain === '') return true;
  // RFC 5280 has no leading dot for DNS, but CAs in the field do: only names below.
  return domain.startsWith('.') ? name.endsWith(domain) : isWithin(name, domain);
}

function inRange(address: Buffer, range: Buffer): boolean {
  if (range.length !== address.length * 2) return false;
  return address.every(
    (byte, i) => (byte & range[address.length + i]!) === (range[i]! & range[address.length + i]!),
  );
}

/** Hosts that are permitted, for people: `api.anthropic.com`, `127.0.0.1`, `10.0.0.0/255.0.0.0`. */
export function permittedHosts({ permitted }: NameConstraints): string[] {
  const nobody = [NOBODY.ipv4, NOBODY.ipv6].map(singleAddress);
  return [
    ...permitted.dns.filter((domain) => domain !== NOBODY.dns).map((domain) => domain || 'every DNS name'),
    ...permitted.ip.filter((range) => !nobody.some((none) => none.equals(range))).map(rangeText),
  ];
}

function rangeText(range: Buffer): string {
  const half = range.length / 2;
  const mask = range.subarray(half);
  const address = addressText(range.subarray(0, half));
  return mask.every((byte) => byte === 0xff) ? address : `${address}/${addressText(mask)}`;
}

/**
 * Names of hosts as certificates hold them: a DNS name or an address, never confused.
 * Used for targets (what the CA may sign) and for single hosts (what a leaf is for). Spelling is `core/net`'s affair.
 */
import { parseAuthority, parseHost } from '../core/net/authority.ts';
import { canonicalIp, isIpv4 } from '../core/net/ip.ts';

export type HostName =
  | { readonly kind: 'dns'; readonly name: string }
  /** 4 or 16 bytes in network order; `name` is the canonical text. */
  | { readonly kind: 'ip'; readonly name: string; readonly bytes: Buffer };

/**
 * Parses a host without port: a DNS name in any case, or an address, IPv6 with or without brackets.
 *
 * @returns undefined when no certificate can be made for it
 */
export function parseHostName(text: string): HostName | undefined {
  const name = parseHost(text.includes(':') && !text.startsWith('[') ? `[${text}]` : text);
  return name === undefined ? undefined : hostName(name);
}

/**
 * A target as the CA sees it: the name, for DNS with everything below it. The port narrows what is intercepted, not
 * what is signed. Patterns were judged in full by `core/net/target-host.ts`.
 *
 * @throws Problem `bad-option` for what is no host
 */
export function parseTarget(pattern: string): HostName {
  const text = pattern.replace(/^\*\./, '');
  return parseHostName(text) ?? hostName(parseAuthority(text, { code: 'bad-option', defaultPort: 0 }).host);
}

/** @param canonical as `parseHost` writes it */
function hostName(canonical: string): HostName {
  if (isIpv4(canonical))
    return { kind: 'ip', name: canonical, bytes: Buffer.from(canonical.split('.').map(Number)) };
  if (canonical.includes(':')) return { kind: 'ip', name: canonical, bytes: ipv6Bytes(canonical) };
  return { kind: 'dns', name: canonical };
}

function ipv6Bytes(canonical: string): Buffer {
  const [front = [], back = []] = canonical
    .split('::')
    .map((side) => (side === '' ? [] : side.split(':').map((group) => Number.parseInt(group, 16))));
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return Buffer.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]));
}

/** Canonical text of 4 or 16 bytes. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return canonicalIp(bytes.toString('hex').replace(/.{4}(?!$)/g, '$&:')) ?? bytes.toString('hex');
}

/** True when `name` is `domain` or lies below it. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

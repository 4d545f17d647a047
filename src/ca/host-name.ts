/**
 * Names of hosts as certificates hold them: a DNS name or an address, never confused.
 * Used for targets (what the CA may sign) and for single hosts (what a leaf is for).
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { Problem } from '../core/problem.ts';

export type HostName =
  | { readonly kind: 'dns'; readonly name: string }
  /** 4 or 16 bytes in network order; `name` is the canonical text. */
  | { readonly kind: 'ip'; readonly name: string; readonly bytes: Buffer };

/**
 * Parses a host: DNS name (any case, trailing dot, Unicode) or address (brackets and IPv6 zone allowed), without port.
 *
 * @returns undefined when no certificate can be made for it
 */
export function parseHost(text: string): HostName | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (isIP(bare) !== 0) {
    const bytes = addressBytes(bare);
    return { kind: 'ip', name: addressText(bytes), bytes };
  }
  const trimmed = bare.replace(/\.$/, '');
  const name = /^[\x21-\x7e]*$/.test(trimmed) ? trimmed.toLowerCase() : domainToASCII(trimmed);
  if (name.length === 0 || name.length > 253 || !LABELS.test(name)) return undefined;
  return { kind: 'dns', name };
}

/** Underscores are not legal in host names, but live ones have them. */
const LABELS = /^[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/;

/** A target as the CA sees it: `name` and, for DNS, everything below it. */
export function parseTarget(pattern: string): HostName {
  // The port narrows what is intercepted, not what is signed.
  const portless = pattern.replace(/^(\[[^\]]*\]|[^:]*):\d+$/, '$1');
  const host = parseHost(portless.replace(/^\*\./, ''));
  const wildcardAddress = host?.kind === 'ip' && portless.startsWith('*.');
  if (host === undefined || wildcardAddress) {
    throw new Problem(
      'bad-option',
      `The target host "${pattern}" is neither a host name, *.example.com nor an IP address; correct --target-host.`,
    );
  }
  return host;
}

/** True when `name` is `domain` or lies below it. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** An IPv4 or IPv6 address in network order. `text` must be one. */
function addressBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  // The URL parser turns an embedded IPv4 tail into hex groups and shortens the rest.
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** Canonical text of 4 or 16 bytes. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const hex = bytes.toString('hex').match(/.{4}/g)!.join(':');
  return new URL(`http://[${hex}]`).hostname.slice(1, -1);
}

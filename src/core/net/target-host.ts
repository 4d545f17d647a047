/** The hosts whose traffic is the proxy's business; everything else is tunnelled blind. */
import { Problem } from '../problem.ts';
import { type Authority, parseAuthority, parseHost } from './authority.ts';
import { canonicalIp } from './ip.ts';
import { withoutUser } from './without-user.ts';

interface Pattern {
  /** Exact host; with `wildcard`, the domain whose subdomains match. */
  readonly host: string;
  readonly wildcard: boolean;
  /** Undefined: any port. */
  readonly port: number | undefined;
}

/**
 * Target hosts, compiled. A pattern is a name, `*.domain` (subdomains at any depth, not the domain itself),
 * an IP address, or one of these with `:port`; without a port it matches on every port.
 */
export class TargetHosts {
  private readonly patterns: readonly Pattern[];
  /** What was asked last: connections mostly lead to one place. */
  private last = { host: '', port: -1, matches: false };

  /** Throws Problem `bad-option` with the cure for a pattern that can never match. */
  constructor(patterns: readonly string[]) {
    this.patterns = patterns.map(compile);
  }

  /** True when a connection to this host (any spelling) and port is to be intercepted. */
  matches(host: string, port: number): boolean {
    const { last } = this;
    if (last.host === host && last.port === port) return last.matches;
    const matches = this.find(host, port);
    this.last = { host, port, matches };
    return matches;
  }

  private find(host: string, port: number): boolean {
    const name = parseHost(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
    if (name === undefined) return false;
    for (const pattern of this.patterns) {
      if (pattern.port !== undefined && pattern.port !== port) continue;
      if (pattern.wildcard ? isSubdomain(name, pattern.host) : name === pattern.host) return true;
    }
    return false;
  }

  /** The port of a target that is known by its name alone: as it is listed, or 443; undefined for a host that is no target. */
  portOf(host: string): number | undefined {
    const ports = [443, ...this.patterns.map(({ port }) => port ?? 443)];
    return ports.find((port) => this.matches(host, port));
  }

  /** Where origin-form requests go: the first pattern that is no wildcard, on its port or 443; undefined when all are. */
  defaultTarget(): Authority | undefined {
    const first = this.patterns.find((pattern) => !pattern.wildcard);
    return first && { host: first.host, port: first.port ?? 443 };
  }
}

function isSubdomain(name: string, domain: string): boolean {
  return (
    name.length > domain.length + 1 && name.endsWith(domain) && name[name.length - domain.length - 1] === '.'
  );
}

function compile(text: string): Pattern {
  const wildcard = text.startsWith('*.');
  const rest = wildcard ? text.slice(2) : text;
  if (rest.includes('*')) {
    throw problem(text, 'a wildcard stands only for the leftmost labels: write *.example.com');
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) || text.includes('/')) {
    throw problem(text, 'write the host alone, without scheme or path, e.g. api.anthropic.com');
  }
  if (/[^\x00-\x7f]/.test(text)) throw problem(text, 'write an international name in its xn-- form');
  const { host, port } = hostAndPort(rest);
  if (wildcard && canonicalIp(host) !== undefined) {
    throw problem(text, 'an IP address has no subdomains: write it without *.');
  }
  if (wildcard && !host.includes('.')) {
    throw problem(text, 'a wildcard needs a domain of at least two labels: write *.example.com');
  }
  return { host, wildcard, port };
}

/** Unlike in an authority, a bare IPv6 address is welcome, and the port may be left open. */
function hostAndPort(text: string): { host: string; port: number | undefined } {
  const bare = canonicalIp(text) ?? parseHost(text);
  return bare === undefined ? parseAuthority(text, { code: 'bad-option' }) : { host: bare, port: undefined };
}

function problem(text: string, cure: string): Problem {
  return new Problem('bad-option', `${JSON.stringify(withoutUser(text))} is no target host; ${cure}.`);
}

/** Host and port, as CONNECT, absolute-form targets, Host fields and the command line write them. */
import { FramingError } from '../http1/framing-error.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { canonicalIp, isIpv4 } from './ip.ts';
import { withoutUser } from './without-user.ts';

export interface Authority {
  /** Lower case, without brackets; an IP literal in its canonical spelling. */
  readonly host: string;
  readonly port: number;
}

export interface AuthorityOptions {
  /** Port when none is written; without it, a missing port is an error (CONNECT). */
  readonly defaultPort?: number;
  /** Code of the Problem for bad input of a user; without it, errors are a FramingError 400 of a client. */
  readonly code?: ProblemCode;
}

/**
 * Reads `host:port`, `host`, `[::1]:443` or `1.2.3.4:443`, strictly.
 *
 * @example parseAuthority('API.anthropic.com:443') // { host: 'api.anthropic.com', port: 443 }
 */
export function parseAuthority(text: string, options: AuthorityOptions = {}): Authority {
  const fail = (why: string): never => {
    // What a client sends may be a secret in the wrong place: of a host and what should be a port, the host is shown.
    if (options.code === undefined)
      throw new FramingError(
        'request',
        400,
        `names the authority ${quote(text.replace(/^(\[[^\]]*\]|[^:]*):(?![0-9]*$).*$/, '$1:…'))}, which ${why}`,
      );
    throw new Problem(
      options.code,
      `${quote(text)} ${why}; write host:port, e.g. api.anthropic.com:443 or [::1]:443.`,
    );
  };
  if (text.includes('@')) return fail('has a malformed host, with a user name or a password in front of it');
  const match = /^(\[[^\][]*\]|[^:[\]]*)(?::([0-9]*))?$/.exec(text);
  if (match === null) return fail('is not a host and a port');
  const [, hostText = '', portText] = match;
  const host = parseHost(hostText);
  if (host === undefined) return fail(hostText === '' ? 'has no host' : 'has a malformed host');
  if (portText === undefined || portText === '') {
    if (options.defaultPort === undefined || portText === '') return fail('has no port');
    return { host, port: options.defaultPort };
  }
  const port = Number(portText);
  if (!/^[1-9][0-9]{0,4}$/.test(portText) || port > 65_535) return fail('has a port outside 1 to 65535');
  return { host, port };
}

/**
 * A host's one spelling: a name in lower case without its trailing dot, or a canonical IP address; undefined when it is
 * neither. IPv6 must be in brackets.
 */
export function parseHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    const inner = text.slice(1, -1);
    return text.endsWith(']') && inner.includes(':') ? canonicalIp(inner) : undefined;
  }
  // A name that ends in a number is an IPv4 address to every resolver: in another spelling it could hide one.
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (/(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)$/.test(name)) return isIpv4(name) ? name : undefined;
  if (
    name.length > 253 ||
    !/^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(
      name,
    )
  ) {
    return undefined;
  }
  return name.toLowerCase();
}

/** `host:port`, with brackets around IPv6. The port is left out when it is `omitPort`. */
export function formatAuthority(authority: Authority, omitPort?: number): string {
  const host = authority.host.includes(':') ? `[${authority.host}]` : authority.host;
  return authority.port === omitPort ? host : `${host}:${authority.port}`;
}

function quote(full: string): string {
  const text = withoutUser(full);
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

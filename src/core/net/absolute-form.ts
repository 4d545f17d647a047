/** The absolute-form of a request target (RFC 9112 §3.2.2): what clients send to a plain HTTP proxy. */
import { FramingError } from '../http1/framing-error.ts';
import { type Authority, parseAuthority } from './authority.ts';

export interface AbsoluteForm {
  readonly scheme: 'http' | 'https';
  /** Without userinfo: credentials are neither forwarded nor logged. */
  readonly authority: Authority;
  /** The same as it was written: what a `Host` field must say (RFC 9112 §3.2.2). */
  readonly written: string;
  /** The target in origin-form: path and query, `/` at least; `*` for an OPTIONS of the whole server. */
  readonly path: string;
}

/**
 * Splits `http://user@Host:80/path?query`. Throws FramingError 400 for any other scheme or a malformed authority.
 *
 * @param method decides what an empty path means: `*` for OPTIONS, `/` otherwise
 */
export function parseAbsoluteForm(target: string, method = 'GET'): AbsoluteForm {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/.exec(target);
  const scheme = match?.[1]?.toLowerCase();
  if (match === null || (scheme !== 'http' && scheme !== 'https')) {
    throw new FramingError('request', 400, 'has a target that is not an http or https URL');
  }
  const [, , netloc = '', path = '', query = ''] = match;
  const host = netloc.slice(netloc.lastIndexOf('@') + 1);
  // RFC 3986 §3.2.3: an empty port means the default one.
  const written = host.endsWith(':') ? host.slice(0, -1) : host;
  const defaultPort = scheme === 'https' ? 443 : 80;
  const authority = parseAuthority(written, { defaultPort });
  if (path === '' && query === '' && method === 'OPTIONS') return { scheme, authority, written, path: '*' };
  return { scheme, authority, written, path: `${path === '' ? '/' : path}${query}` };
}

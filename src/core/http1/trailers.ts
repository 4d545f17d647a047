/** Which fields may not come as trailers. */

/**
 * RFC 9110 §6.5.1: fields that frame, route, authenticate or describe the content's form. A recipient that merged
 * one of them into the head could be made to see another message than we did.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** True when a field of this name, in any case, must be refused in trailers. */
export function isForbiddenTrailer(name: string): boolean {
  return FORBIDDEN.has(name.toLowerCase());
}

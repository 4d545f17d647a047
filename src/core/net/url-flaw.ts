/** What a URL can say that no connection can do. */

/**
 * What is wrong with the URL of an upstream, or of a proxy, beside its scheme and host; undefined where nothing is.
 *
 * @example urlFlaw(new URL('http://h:0')) // 'must name a port from 1 to 65535'
 */
export function urlFlaw(url: URL): string | undefined {
  // An empty port means the scheme's own, and so does that port: both read as empty.
  if (url.port === '0') return 'must name a port from 1 to 65535';
  try {
    decodeURIComponent(url.username);
    decodeURIComponent(url.password);
  } catch {
    return 'must write a % in its user name and password as %25, since what follows a % is read as two hex digits';
  }
  return undefined;
}

/** The NO_PROXY variable, as curl and most runtimes read it. */

/**
 * True if a host is covered: `*`, an exact name, a parent domain (`example.com` and `.example.com` alike),
 * or one of these with `:port`. Entries are separated by commas or spaces.
 */
export function coveredBy(noProxy: string | undefined, to: { host: string; port: number }): boolean {
  const host = to.host.toLowerCase();
  return (noProxy ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const bareIpv6 = /^[^[\]]*:[^[\]]*:/.test(entry);
      const plain = bareIpv6 ? `[${entry}]` : entry;
      const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(plain.toLowerCase().replace(/^\*?\./, '')) ?? [];
      if (port !== undefined && Number(port) !== to.port) return false;
      const bare = name.replace(/^\[|\]$/g, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

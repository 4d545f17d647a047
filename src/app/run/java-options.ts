/** JAVA_TOOL_OPTIONS with our proxy and our roots: Java reads neither HTTPS_PROXY nor a variable for roots. */

export interface JavaOptions {
  /** `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** NO_PROXY as the command gets it. */
  readonly noProxy: string;
  /** A key store of roots. */
  readonly trustStore: string;
}

/**
 * The user's options, then ours: of two Java takes the last. A trust store of the user stays in force, since nothing can
 * be added to it from here. Unchanged where ours are there already (a run inside a run).
 *
 * @see https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/net/doc-files/net-properties.html
 */
export function withJavaOptions(
  current: string | undefined,
  { proxyUrl, noProxy, trustStore }: JavaOptions,
): string {
  const { hostname, port } = new URL(proxyUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const own = current?.trim() ?? '';
  const ours = [
    ...['http', 'https'].flatMap((scheme) => [
      `-D${scheme}.proxyHost=${host}`,
      `-D${scheme}.proxyPort=${port}`,
    ]),
    quoted(`-Dhttp.nonProxyHosts=${nonProxyHosts(noProxy)}`),
    ...(namesTrustStore(own)
      ? []
      : [quoted(`-Djavax.net.ssl.trustStore=${trustStore}`), '-Djavax.net.ssl.trustStoreType=JKS']),
  ].join(' ');
  if (own.includes(ours)) return own;
  return own === '' ? ours : `${own} ${ours}`;
}

/** Such a trust store replaces Java's roots, ours too. */
export function namesTrustStore(options: string | undefined): boolean {
  return options?.includes('-Djavax.net.ssl.trustStore=') === true;
}

/** Names with `*` at one end alone, parted by `|`. What NO_PROXY has beyond that, Java cannot say. */
function nonProxyHosts(noProxy: string): string {
  const entries = noProxy.split(/[\s,]+/).filter((entry) => entry !== '' && !entry.includes('/'));
  return entries.flatMap(patterns).join('|');
}

function patterns(entry: string): string[] {
  if (entry === '*') return ['*'];
  // More than one colon: an IPv6 address; one: a port, which Java does not look at.
  if (/:.*:/.test(entry)) return [entry.startsWith('[') ? entry : `[${entry}]`];
  const name = entry.replace(/:\d+$/, '').replace(/^\*?\./, '');
  if (name === '') return [];
  return /^[\d.]+$/.test(name) || name === 'localhost' ? [name] : [name, `*.${name}`];
}

/** The JVM parts its options at white space, and takes what stands in quotes as it is. */
function quoted(option: string): string {
  return option.includes("'") ? `"${option}"` : `'${option}'`;
}

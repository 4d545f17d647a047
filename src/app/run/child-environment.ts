/**
 * The environment that brings a program's calls to the proxy: what `run` gives its command and `env` prints.
 * Which client reads which variable: docs/clients.md.
 */
import type { Bundles } from '../../ca/bundle.ts';
import { dummyKeys } from './dummy-keys.ts';
import { withJavaOptions } from './java-options.ts';
import { noProxyList } from './no-proxy-list.ts';
import { withPreload } from './node-options.ts';
import type { Via } from './via.ts';

export interface ChildEnvironmentOptions {
  readonly via: Via;
  /** The user's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `process.platform`. */
  readonly platform: string;
  /** Where the proxy listens: `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** Hosts to intercept, as configured. */
  readonly targets: readonly string[];
  /** Files of roots with our CA in them; see `ca/bundle.ts`. */
  readonly bundles: Pick<Bundles, 'replacing' | 'adding' | 'java' | 'php' | 'wget'>;
  /** See {@link preloadPath}. */
  readonly preload: string;
  /** The upstream is the stand-in API: programs refuse to start without a key, and get {@link dummyKeys}. */
  readonly standIn: boolean;
}

const PROXY_NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];
/** A program's own roots are replaced by the file that these name. */
const REPLACING = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'AWS_CA_BUNDLE'];
/** The file that these name is added to a program's own roots. */
const ADDING = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'];

/** The variables to set, and nothing that is to stay as it is. Pure. */
export function childEnvironment(options: ChildEnvironmentOptions): Readonly<Record<string, string>> {
  const { via, env, proxyUrl } = options;
  return {
    ...(via === 'base-url' ? loopbackPastProxies(options) : proxyVariables(options)),
    ...(via === 'proxy' ? {} : { ANTHROPIC_BASE_URL: proxyUrl }),
    ...(options.standIn ? dummyKeys(env).variables : {}),
  };
}

function proxyVariables(options: ChildEnvironmentOptions): Record<string, string> {
  const { env, platform, proxyUrl, bundles, preload } = options;
  return {
    ...bothCases({ HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NO_PROXY: noProxy(options) }, platform),
    // Node 22.21 and later, 24 and later; the preload for those before.
    NODE_USE_ENV_PROXY: '1',
    NODE_OPTIONS: withPreload(env.NODE_OPTIONS, preload),
    JAVA_TOOL_OPTIONS: withJavaOptions(env.JAVA_TOOL_OPTIONS, {
      proxyUrl,
      noProxy: noProxy(options),
      trustStore: bundles.java,
    }),
    PHP_INI_SCAN_DIR: withDirectory(env.PHP_INI_SCAN_DIR, bundles.php, platform),
    SYSTEM_WGETRC: bundles.wget,
    ...Object.fromEntries(ADDING.map((name) => [name, bundles.adding])),
    ...Object.fromEntries(REPLACING.map((name) => [name, bundles.replacing])),
  };
}

/** PHP reads the last last; an empty entry, which we leave where the user has none, is its own directory. */
function withDirectory(current: string | undefined, directory: string, platform: string): string {
  const separator = platform === 'win32' ? ';' : ':';
  const directories = (current ?? '').split(separator);
  return directories.includes(directory)
    ? directories.join(separator)
    : [...directories, directory].join(separator);
}

/** A company proxy of the user must not be asked for our base URL. */
function loopbackPastProxies(options: ChildEnvironmentOptions): Record<string, string> {
  const { env, platform } = options;
  const proxied = PROXY_NAMES.some((name) => env[name] || env[name.toLowerCase()]);
  return proxied ? bothCases({ NO_PROXY: noProxy(options) }, platform) : {};
}

/** Clients differ in which of the two spellings they prefer: both lists count. */
function noProxy({ env, targets, via }: ChildEnvironmentOptions): string {
  const lists = [env.NO_PROXY, env.no_proxy].filter((list) => list !== undefined);
  // By base URL nothing is to be intercepted: what the user goes past stays so.
  return noProxyList([...new Set(lists)].join(','), via === 'base-url' ? [] : targets);
}

/** On Windows names have no case: a second spelling would be the same variable. */
function bothCases(variables: Record<string, string>, platform: string): Record<string, string> {
  if (platform === 'win32') return variables;
  const lower = Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...variables, ...Object.fromEntries(lower) };
}

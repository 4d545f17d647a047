/** An environment in which no setting of the machine that runs the tests changes what a client does. */
const SETTINGS =
  /proxy|^(anthropic|claude|node_|ssl_|curl_|requests_|aws_|deno_|java_|php_|(system_)?wgetrc|aep_|npm_)/i;

/** This process's environment less proxies, roots, keys and options of runtimes. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));
}

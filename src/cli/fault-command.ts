/** The command lines of fault that bring calls to the plugin. */

/**
 * Arguments for `fault`.
 *
 * @param url where the plugin listens
 * @param targets as `--target-host` has them
 * @example faultArguments('http://127.0.0.1:50051', ['api.anthropic.com'])
 * // run --grpc-plugin http://127.0.0.1:50051 --upstream api.anthropic.com:443
 */
export function faultArguments(url: string, targets: readonly string[]): readonly string[] {
  return ['run', '--grpc-plugin', url, '--upstream', upstreams(targets)];
}

/** As one line for any shell. */
export function faultCommand(args: readonly string[]): string {
  return ['fault', ...args].map((text) => (text.includes('*') ? `"${text}"` : text)).join(' ');
}

/** Fault compares `host:port` as text, ends itself where the port is missing, and knows `*` alone as a pattern. */
function upstreams(targets: readonly string[]): string {
  if (targets.some((target) => target.startsWith('*.'))) return '*';
  return targets.map(withPort).join(',');
}

function withPort(target: string): string {
  if (/^(?:\[[^\]]*\]|[^:]*):\d+$/.test(target)) return target;
  return target.includes(':') && !target.startsWith('[') ? `[${target}]:443` : `${target}:443`;
}

/** NO_PROXY for a program under the proxy: the user's list, less what hides a target, plus loopback. */
import { BlockList, isIP } from 'node:net';
import { parseHost } from '../../core/net/authority.ts';
import { TargetHosts } from '../../core/net/target-host.ts';
import { coveredBy } from '../no-proxy.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * @param current the user's NO_PROXY; entries are kept as they stand, and in their order
 * @param targets hosts to intercept, as configured
 * @example noProxyList('.corp,.anthropic.com', ['api.anthropic.com']) // '.corp,localhost,127.0.0.1,::1'
 */
export function noProxyList(current: string | undefined, targets: readonly string[]): string {
  const kept = (current ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '' && !targets.some((target) => hides(entry, target)));
  const added = LOOPBACK.filter(
    (entry) => !kept.includes(entry) && !targets.some((target) => hides(entry, target)),
  );
  return [...kept, ...added].join(',');
}

/** True if, with this entry, some client would go past the proxy to some host of the target. */
function hides(entry: string, target: string): boolean {
  const { host, port } = place(target.replace(/^\*\./, ''));
  const { host: name, port: entryPort } = place(entry.replace(/^\*?\.(?=.)/, ''));
  if (port !== undefined && entryPort !== undefined && port !== entryPort) return false;
  if (coveredBy(withoutPort(entry), { host, port: 0 }) || coversAddress(entry, host)) return true;
  // A name below a wildcard: hidden in part.
  return target.startsWith('*.') && new TargetHosts([`*.${host}`]).matches(name, 0);
}

/** Some clients (Go, newer curl) take networks: `10.0.0.0/8`. */
function coversAddress(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function withoutPort(entry: string): string {
  const { port } = place(entry);
  return port === undefined ? entry : entry.slice(0, entry.lastIndexOf(':'));
}

/** Host, as lenient as NO_PROXY is, and port. */
function place(text: string): { host: string; port: number | undefined } {
  const [, host = text, port] = isIP(text)
    ? [undefined, text, undefined]
    : (/^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? []);
  const bare = host.replace(/^\[|\]$/g, '');
  return {
    host: parseHost(bare.includes(':') ? `[${bare}]` : bare) ?? bare.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
  };
}

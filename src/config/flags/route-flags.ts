/** Flags: which hosts are targets, and where calls go. */
import type { Flag } from '../flag.ts';

export const ROUTE_FLAGS: readonly Flag[] = [
  {
    name: '--target-host',
    key: 'target_host',
    argument: 'HOST',
    takes: 'list',
    default: ['api.anthropic.com'],
    group: 'Where calls go',
    help: 'host whose calls may fail; repeatable; *.example.com for subdomains',
    details:
      'A host matches on any port; `host:port` narrows it. Calls to all other hosts pass through unread. Calls to the base URL go to the first target that is no wildcard.',
  },
  {
    name: '--upstream',
    key: 'upstream',
    argument: 'URL|mock',
    takes: 'text',
    defaultText: 'the target itself',
    group: 'Where calls go',
    help: 'where calls that do not fail are sent; mock is the built-in stand-in API',
  },
  {
    name: '--upstream-proxy',
    key: 'upstream_proxy',
    argument: 'URL',
    takes: 'text',
    defaultText: 'HTTPS_PROXY of the environment, else none',
    group: 'Where calls go',
    help: 'HTTP proxy that leads out of this network',
    details: 'Hosts in `NO_PROXY` are reached without it.',
  },
  {
    name: '--upstream-ca',
    key: 'upstream_ca',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    defaultText: 'those that Node trusts',
    group: 'Where calls go',
    help: 'PEM file of authorities to trust for the upstream, besides the usual ones',
  },
  {
    name: '--allow-tunnels',
    key: 'allow_tunnels',
    takes: 'switch',
    default: false,
    group: 'Where calls go',
    help: 'off loopback: also pass on traffic to hosts that are no targets',
  },
  {
    name: '--allow-host',
    key: 'allow_host',
    argument: 'HOST',
    takes: 'list',
    defaultText: 'names of this machine',
    group: 'Where calls go',
    help: 'another name by which clients may call the base URL; repeatable',
    details:
      'Web pages must not reach the base URL, so calls with a foreign `Host`, and those of web pages elsewhere (`Origin`, `Sec-Fetch-Site`), get a 403 that counts as nothing. Loopback names and addresses, `--host`, target hosts, names without a dot (`aep` in a compose file) and under `.internal` (`host.docker.internal`) are welcome on any port; off loopback also addresses and names under `.local`, `.lan` and `.home.arpa`. For anything else, name it here: `aep.example.com`, `*.example.com`; pages of that host may call, too.',
  },
];

/** Flags: how the proxy starts, and until when it runs. */
import type { Flag } from '../flag.ts';

export const START_FLAGS: readonly Flag[] = [
  {
    name: '--standalone',
    takes: 'switch',
    default: false,
    group: 'Start',
    help: 'run as an HTTP and HTTPS proxy; without it, as a plugin for the fault proxy',
  },
  {
    name: '--proxy-port',
    key: 'proxy_port',
    argument: 'PORT',
    takes: 'number',
    default: 8080,
    group: 'Start',
    help: 'listen on this port; 0 takes any free one and prints it',
  },
  {
    name: '--host',
    key: 'host',
    argument: 'ADDRESS',
    takes: 'text',
    default: '127.0.0.1',
    group: 'Start',
    help: 'listen on this address; 0.0.0.0 lets other machines use the proxy',
    details:
      'On 127.0.0.1 the proxy listens on `::1` too, where that exists. Off loopback, tunnels to hosts that are no targets are refused unless `--allow-tunnels` is given.',
  },
  {
    name: '--config',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    defaultText: 'none',
    group: 'Start',
    help: 'read settings from this JSON or YAML file',
  },
  {
    name: '--for',
    key: 'for',
    argument: 'DURATION',
    takes: 'text',
    defaultText: 'until stopped',
    group: 'Start',
    help: 'stop by itself after so long, such as 90s or 10m',
  },
  {
    name: '--workers',
    key: 'workers',
    argument: 'N',
    takes: 'number',
    default: 1,
    group: 'Start',
    help: 'serve with N processes, for load tests; which calls fail then differs from run to run',
    details:
      'With `--standalone` only. Rules that count or remember calls are refused, and so are `--watch` and `--replay`. [performance.md](performance.md#several-processes) says what the seed still decides, and what it costs.',
  },
];

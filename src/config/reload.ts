/** What of a config file may change while the proxy runs: rules, seed and the keys that make a rule. The rest needs a restart. */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../core/problem.ts';
import type { Settings } from './settings.ts';

/** Settings that only a start reads, and the key by which the user knows each. */
const FIXED = {
  host: 'host',
  proxyPort: 'proxy_port',
  port: 'port',
  workers: 'workers',
  targets: 'target_host',
  upstream: 'upstream',
  upstreamProxy: 'upstream_proxy',
  upstreamCa: 'upstream_ca',
  allowTunnels: 'allow_tunnels',
  allowHosts: 'allow_host',
  marker: 'marker',
  allowRequestFaults: 'allow_request_faults',
  stateDir: 'state_dir',
  caCert: 'ca_cert',
  caKey: 'ca_key',
  forMs: 'for',
  logFormat: 'log_format',
  readyFile: 'ready_file',
  eventLog: 'event_log',
  quiet: 'quiet',
  verbose: 'verbose',
  watch: 'watch',
  replay: 'replay',
  timeScale: 'time_scale',
} as const satisfies Partial<Record<keyof Settings, string>>;

/**
 * Refuses a change of anything that only a start reads.
 *
 * @throws Problem `bad-config` that names what was changed
 */
export function checkReload(old: Settings, next: Settings): void {
  const changed = Object.entries(FIXED).filter(
    ([name]) => !isDeepStrictEqual(plain(old[name as keyof Settings]), plain(next[name as keyof Settings])),
  );
  if (changed.length === 0) return;
  const keys = changed.map(([, key]) => key).join(' and ');
  throw new Problem(
    'bad-config',
    `${keys} ${changed.length === 1 ? 'was' : 'were'} changed, and only a start reads ${changed.length === 1 ? 'it' : 'them'}: restart, or change ${changed.length === 1 ? 'it' : 'them'} back`,
  );
}

/** A URL compares as its text. */
function plain(value: unknown): unknown {
  return JSON.stringify(value) ?? null;
}

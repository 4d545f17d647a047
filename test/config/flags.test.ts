/** The flag table: the published contract, and that it and the schema name the same settings. */
import { describe, expect, it } from 'vitest';
import { FLAG_OF_KEY, FLAGS } from '../../src/config/flags.ts';
import { configShape } from '../../src/config/schema.ts';
import { settings } from './support.ts';

/** Name, key and default as they were published. */
const CONTRACT = [
  ['--standalone', undefined, false],
  ['--proxy-port', 'proxy_port', 8080],
  ['--port', 'port', 50051],
  ['--error-probability', 'error_probability', 0.1],
  ['--status-code', 'status_code', 500],
  ['--error-body', 'error_body', undefined],
  ['--target-host', 'target_host', ['api.anthropic.com']],
  ['--config', undefined, undefined],
  ['--ca-cert', 'ca_cert', undefined],
  ['--ca-key', 'ca_key', undefined],
  ['--export-ca', undefined, undefined],
  ['--install-ca', undefined, undefined],
  ['--header', 'headers', undefined],
  ['--host', 'host', '127.0.0.1'],
  ['--upstream', 'upstream', undefined],
  ['--seed', 'seed', undefined],
  ['--state-dir', 'state_dir', undefined],
  ['--upstream-proxy', 'upstream_proxy', undefined],
  ['--upstream-ca', 'upstream_ca', undefined],
  ['--max-errors', 'max_errors', undefined],
  ['--only-path', 'only_path', undefined],
  ['--for', 'for', undefined],
  ['--retry-after', 'retry_after', undefined],
  ['--log-format', 'log_format', 'pretty'],
  ['--ready-file', 'ready_file', undefined],
  ['--event-log', 'event_log', undefined],
  ['--quiet', 'quiet', false],
  ['--verbose', 'verbose', false],
  ['--no-marker', 'marker', true],
  ['--messages', 'messages', 'simulated'],
  ['--allow-tunnels', 'allow_tunnels', false],
  ['--allow-host', 'allow_host', undefined],
  ['--allow-request-faults', 'allow_request_faults', false],
] as const;

describe('the flag table', () => {
  it.each(CONTRACT)('has %s with key %s and default %s', (name, key, value) => {
    const flag = FLAGS.find((one) => one.name === name);
    expect(flag).toBeDefined();
    expect([flag?.key, flag?.default]).toEqual([key, value]);
  });

  it('has a flag for every key of the schema, once', () => {
    expect([...FLAG_OF_KEY.keys()].sort()).toEqual(Object.keys(configShape).sort());
    expect(new Set(FLAGS.map(({ name }) => name)).size).toBe(FLAGS.length);
  });

  it('names defaults that the schema accepts', () => {
    for (const [key, flag] of FLAG_OF_KEY)
      if (flag.default !== undefined)
        expect(configShape[key].safeParse(flag.default).success, flag.name).toBe(true);
  });

  it('gives these defaults when nothing is set', () => {
    expect(settings({})).toMatchObject({
      host: '127.0.0.1',
      proxyPort: 8080,
      port: 50051,
      targets: ['api.anthropic.com'],
      upstream: { kind: 'target' },
      upstreamProxy: undefined,
      seed: undefined,
      messages: 'simulated',
      marker: true,
      allowTunnels: false,
      allowHosts: [],
      allowRequestFaults: false,
      logFormat: 'pretty',
      quiet: false,
      verbose: false,
      flat: { probability: 0.1, status: 500, body: undefined, maxErrors: undefined, onlyPath: undefined },
    });
  });
});

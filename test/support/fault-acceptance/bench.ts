/** One fault (fake or real) with our plugin over gRPC, and an API behind it: where each acceptance test starts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type tls from 'node:tls';
import type { RequestFacts } from '../../../src/core/facts.ts';
import type { RuleSet } from '../../../src/core/rules/decision.ts';
import { type PluginOptions, type RunningPlugin, startPlugin } from '../../../src/grpc/plugin.ts';
import { EventBus } from '../../../src/observe/bus.ts';
import { testAuthority } from '../modes.ts';
import { atEnd } from '../proxy.ts';
import { testRules } from '../rules.ts';
import { type AcceptanceApi, startAcceptanceApi } from './api.ts';

/** A CONNECT proxy with one plugin; whatever name is asked for, the API answers. */
export interface Caller {
  readonly port: number;
  /** Tunnels that it holds; undefined when nobody can know. */
  readonly tunnels?: () => number;
  close(): Promise<void>;
}

/** Fake and real fault start alike. */
export type StartCaller = (pluginUrl: string, apiPort: number) => Promise<Caller>;

export interface AcceptanceBench {
  readonly caller: Caller;
  readonly plugin: RunningPlugin;
  readonly api: AcceptanceApi;
  /** Our CA: what clients trust. */
  readonly ca: string;
  readonly caFile: string;
  /** What the plugin said on its own account, besides what it always says of fault: that it was found, and does not know of the end. */
  readonly notices: readonly string[];
}

export interface BenchOptions {
  readonly tls?: tls.TlsOptions;
  /** An upstream of another sort: its port. */
  readonly apiPort?: number;
  readonly plugin?: Partial<PluginOptions>;
  /** Certificate authorities that the plugin trusts. Default: the API's. */
  readonly upstreamCa?: string;
}

/** The body of an injected error, as the API writes it. */
export function errorBody(status: number): string {
  const type = { 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error' }[status] ?? 'api_error';
  return JSON.stringify({
    type: 'error',
    error: { type, message: `Injected ${status}` },
    request_id: 'req_011CTEST',
  });
}

/** A request says what shall become of it: `x-want: 429`. */
function wanted(facts: RequestFacts): number | undefined {
  const want = facts.header('x-want');
  return want === undefined || want === '200' ? undefined : Number(want);
}

/** Rules that do to a request what it asks for. */
export function wishes(): RuleSet {
  return testRules(
    (facts) => {
      const status = wanted(facts);
      if (status === undefined) return undefined;
      return {
        do: 'respond',
        status,
        reason: '',
        headers: [
          ['content-type', 'application/json'],
          ['request-id', 'req_011CTEST'],
          ...(status === 429 ? ([['retry-after', '1']] as const) : []),
        ],
        body: errorBody(status),
      };
    },
    { record: false },
  );
}

export async function acceptanceBench(
  start: StartCaller,
  options: BenchOptions = {},
): Promise<AcceptanceBench> {
  const api = await startAcceptanceApi(options.tls);
  atEnd(() => api.close());
  const authority = await testAuthority();
  const bus = new EventBus();
  const notices: string[] = [];
  bus.subscribe((event) => {
    if (event.type === 'notice' && !/^fault-(found|not-told)$/.test(event.code))
      notices.push(`${event.code}: ${event.message}`);
  });
  const plugin = await startPlugin({
    host: '127.0.0.1',
    port: 0,
    targets: ['api.anthropic.com'],
    rules: wishes(),
    ca: authority,
    upstreamCa: options.upstreamCa ?? api.ca,
    version: '0.0.0-test',
    bus,
    ...options.plugin,
  });
  atEnd(() => plugin.close(0));
  const caller = await start(plugin.url, options.apiPort ?? api.port);
  atEnd(() => caller.close());
  const folder = mkdtempSync(join(tmpdir(), 'aep-acceptance-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.certificatePem);
  return { caller, plugin, api, ca: authority.certificatePem, caFile, notices };
}

/** The plugin: one engine without a listener, and the gRPC service that feeds it. Loaded with `import()`: gRPC is large. */
import { type ProxyOptions, type RunningProxy, startProxy } from '../app/proxy.ts';
import { PluginService } from './gen/plugin_pb.ts';
import { HttpCalls } from './http/http-calls.ts';
import { pluginMethods } from './plugin-service.ts';
import { servePlugin } from './serve-plugin.ts';
import { serve } from './service-definition.ts';
import { TunnelTable } from './tunnel/tunnel-table.ts';

/** Calls that run get at least so long to be answered when the tunnels are closed. */
const LAST_CALLS_MS = 500;

const FOUND =
  'fault has found the plugin: calls to the hosts of its --upstream, and of its mappings, come here from now on';

const UNTOLD =
  'fault, if it still runs, notices within ten seconds that the plugin has ended: calls begun until then hang, later ones pass untouched';

type Needed = 'host' | 'port' | 'targets' | 'rules' | 'ca';

/** Options of a proxy; `host` and `port` are those of gRPC. Calls that pass go where the fault proxy sends them. */
export interface PluginOptions
  extends Omit<
      ProxyOptions,
      Needed | 'listen' | 'upstream' | 'upstreamProxy' | 'noProxy' | 'allowTunnels' | 'allowHosts'
    >,
    Required<Pick<ProxyOptions, Needed>> {
  /** Version that fault is told. */
  readonly version: string;
}

export interface RunningPlugin extends Pick<RunningProxy, 'host' | 'port' | 'bus' | 'replaceRules'> {
  /** What the fault proxy's `--grpc-plugin` takes: `http://127.0.0.1:50051`. */
  readonly url: string;
  /** Tunnels known at present. */
  readonly tunnels: number;
  /** True once the fault proxy has found the plugin. */
  readonly found: boolean;
  /** Takes no more calls, waits up to `graceMs` (default 10 s) for what is under way, then ends it. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Starts the plugin. Start it before the fault proxy: what comes before that has found it passes untouched.
 *
 * @throws (rejects) Problem `port-in-use`, `no-permission`, `bad-option`
 * @example
 * ```ts
 * const plugin = await startPlugin({ host: '127.0.0.1', port: 50051, targets: ['api.anthropic.com'], rules, ca, version });
 * // fault run --grpc-plugin http://127.0.0.1:50051 --upstream api.anthropic.com:443
 * ```
 */
export async function startPlugin(options: PluginOptions): Promise<RunningPlugin> {
  const { version, host, port, upstreamCa, clock, ...rest } = options;
  const shared = {
    ...(upstreamCa === undefined ? {} : { upstreamCa }),
    ...(clock === undefined ? {} : { clock }),
  };
  const proxy = await startProxy({
    ...rest,
    ...shared,
    host: '127.0.0.1',
    port: 0,
    listen: false,
    upstream: { kind: 'target' },
  });
  const tunnels = new TunnelTable({ proxy, ...shared });
  const http = new HttpCalls(proxy.engine);
  let found = false;
  let stopping = false;
  let told = false;
  const onFound = (): void => {
    found = true;
    proxy.engine.notice('fault-found', FOUND);
  };
  const isWell = (): boolean => {
    told = stopping;
    return !stopping;
  };
  const methods = pluginMethods({ version, http, tunnels, onFound, isWell });
  const served = serve(PluginService, methods, (method, error) =>
    proxy.engine.notice('plugin-failed', `a bug in the plugin's ${method}: ${stackOf(error)}`),
  );
  try {
    const serving = await servePlugin(served, host, port);
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return {
      host,
      port: serving.port,
      url: `http://${name.includes(':') ? `[${name}]` : name}:${serving.port}`,
      bus: proxy.bus,
      replaceRules: proxy.replaceRules,
      get tunnels() {
        return tunnels.size;
      },
      get found() {
        return found;
      },
      close: async (graceMs = 10_000) => {
        stopping = true;
        const begun = performance.now();
        const left = (): number => Math.max(LAST_CALLS_MS, graceMs - (performance.now() - begun));
        // The calls that run carry the tunnels: they must be served while the tunnels end.
        await proxy.close(graceMs);
        await tunnels.close(left());
        await serving.close(left());
        http.close();
        if (found && !told) proxy.engine.notice('fault-not-told', UNTOLD);
      },
    };
  } catch (error) {
    await tunnels.close();
    await proxy.close(0);
    throw error;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

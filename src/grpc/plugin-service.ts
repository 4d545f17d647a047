/** The six methods of the fault proxy's plugin service. HealthCheck and the two descriptions never wait for anything. */
import {
  GetPluginInfoResponse_Direction as Direction,
  type PluginService,
  GetPluginCapabilitiesResponse_SupportedProtocol as Protocol,
  GetPluginInfoResponse_Side as Side,
} from './gen/plugin_pb.ts';
import type { HttpCalls } from './http/http-calls.ts';
import type { Methods } from './service-definition.ts';
import type { TunnelTable } from './tunnel/tunnel-table.ts';
import { actionMessage, chunkOf } from './tunnel-data.ts';

export interface PluginServiceParts {
  readonly version: string;
  readonly http: Pick<HttpCalls, 'request' | 'response'>;
  readonly tunnels: Pick<TunnelTable, 'process'>;
  /** Called whenever the fault proxy has learned all that it asks of a plugin: what it matches comes here from then on. */
  readonly onFound: () => void;
  /** The fault proxy asks every ten seconds. False while the plugin is being stopped: it is shown nothing new then. */
  readonly isWell: () => boolean;
}

export function pluginMethods({
  version,
  http,
  tunnels,
  onFound,
  isWell,
}: PluginServiceParts): Methods<typeof PluginService> {
  return {
    healthCheck: () =>
      isWell() ? { healthy: true, message: 'ready' } : { healthy: false, message: 'being stopped' },
    getPluginInfo: () => ({
      name: 'anthropic-error-plugin',
      version,
      author: 'the anthropic-error-plugin project',
      url: 'https://www.npmjs.com/package/anthropic-error-plugin',
      platform: `${process.platform}-${process.arch} node ${process.versions.node}`,
      direction: Direction.BOTH,
      // Of the client's side, the answers would run through the fault proxy's write path, which loses bytes.
      side: Side.SERVER,
    }),
    getPluginCapabilities: () => {
      onFound();
      return {
        canHandleHttpForward: true,
        canHandleTunnel: true,
        protocols: [Protocol.HTTP, Protocol.HTTPS],
      };
    },
    processHttpRequest: ({ request }, signal) => http.request(request, signal),
    processHttpResponse: ({ response }, signal) => http.response(response, signal),
    processTunnelData: async (request, signal) =>
      actionMessage(await tunnels.process(chunkOf(request), signal)),
  };
}

/** A plugin over gRPC that does with blocks what a test says: to learn what a caller does, with no tunnel of ours in between. */
import { PluginService } from '../../../src/grpc/gen/plugin_pb.ts';
import { pluginMethods } from '../../../src/grpc/plugin-service.ts';
import { servePlugin } from '../../../src/grpc/serve-plugin.ts';
import { serve } from '../../../src/grpc/service-definition.ts';
import type { TunnelAction, TunnelChunk } from '../../../src/grpc/tunnel/tunnel-chunk.ts';
import { atEnd } from '../proxy.ts';

/** @returns its URL */
export async function plainPlugin(
  process: (block: TunnelChunk, signal: AbortSignal) => Promise<TunnelAction>,
  side: 0 | 1 = 1,
): Promise<string> {
  const nothing = (): never => {
    throw new Error('plain HTTP is not asked for here');
  };
  const methods = pluginMethods({
    version: '0',
    http: { request: nothing, response: nothing },
    tunnels: { process },
    onFound: () => {},
    isWell: () => true,
  });
  const described = {
    ...methods,
    getPluginInfo: () => ({ name: 'plain', version: '0', direction: 2, side }),
  };
  const serving = await servePlugin(
    serve(PluginService, described as typeof methods, () => {}),
    '127.0.0.1',
    0,
  );
  atEnd(() => serving.close(0));
  return `http://127.0.0.1:${serving.port}`;
}

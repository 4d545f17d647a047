/** The fake fault as the acceptance tests start it. */
import { startFaultCaller } from '../fault-caller/fault-caller.ts';
import { pluginOverGrpc } from '../fault-caller/over-grpc.ts';
import type { StartCaller } from './bench.ts';

export const startFake: StartCaller = async (pluginUrl, apiPort) => {
  const plugin = pluginOverGrpc(pluginUrl);
  const fault = await startFaultCaller({
    process: plugin.process,
    sides: [await plugin.side()],
    hosts: { 'api.anthropic.com:443': apiPort },
  });
  return {
    port: fault.port,
    tunnels: () => fault.tunnels,
    close: async () => {
      await fault.close();
      plugin.close();
    },
  };
};

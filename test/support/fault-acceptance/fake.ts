/** The fake fault as the acceptance tests start it. */
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../../../src/core/random.ts';
import { startFaultCaller } from '../fault-caller/fault-caller.ts';
import { pluginOverGrpc } from '../fault-caller/over-grpc.ts';
import type { ProcessTunnelData } from '../fault-caller/plugin-call.ts';
import type { Caller, StartCaller } from './bench.ts';

export const startFake: StartCaller = (pluginUrl, apiPort) => start(pluginUrl, apiPort, (block) => block);

/** The same before a plugin that takes up to `ms` longer to hear each question, and as long again to be heard. */
export function startFakeWithSlowPlugin(ms: number): StartCaller {
  const random = createRandom('slow plugin', 'ms');
  let nth = 0;
  const late = (): Promise<void> => pause(random.draw((nth += 1)) * ms);
  return (pluginUrl, apiPort) =>
    start(pluginUrl, apiPort, (process) => async (block, signal) => {
      await late();
      const reply = await process(block, signal);
      await late();
      return reply;
    });
}

async function start(
  pluginUrl: string,
  apiPort: number,
  through: (process: ProcessTunnelData) => ProcessTunnelData,
): Promise<Caller> {
  const plugin = pluginOverGrpc(pluginUrl);
  const fault = await startFaultCaller({
    process: through(plugin.process),
    sides: [await plugin.load()],
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
}

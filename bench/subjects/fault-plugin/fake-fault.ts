/** The fake of the fault proxy that the tests use, as a process: it asks the plugin about each block, as fault does. */
import { startFaultCaller } from '../../../test/support/fault-caller/fault-caller.ts';
import { pluginOverGrpc } from '../../../test/support/fault-caller/over-grpc.ts';

/** What it is told, as one JSON argument. */
export interface FakeFaultSetup {
  readonly pluginUrl: string;
  /** To listen on. */
  readonly port: number;
  /** Of the upstream, which clients name `localhost:<port>`. */
  readonly upstream: number;
}

const { pluginUrl, port, upstream } = JSON.parse(process.argv[2]!) as FakeFaultSetup;
const plugin = pluginOverGrpc(pluginUrl);
await startFaultCaller({
  process: plugin.process,
  hosts: { [`localhost:${upstream}`]: upstream },
  sides: [await plugin.load()],
  port,
});

/** Flags: what only the plugin mode asks for. */
import type { Flag } from '../flag.ts';

export const PLUGIN_FLAGS: readonly Flag[] = [
  {
    name: '--port',
    key: 'port',
    argument: 'PORT',
    takes: 'number',
    default: 50051,
    group: 'Plugin mode',
    help: 'listen for fault on this port (gRPC); 0 takes any free one and prints it',
    details: 'Without `--standalone`. [fault.md](fault.md) says how to use it.',
  },
];

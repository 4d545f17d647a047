/**
 * The one table of settings: flag, config key, environment variable, default and help. The command line, `--help`,
 * docs/cli.md, the reading of the environment and the test over config.reference.json all come from it; the values
 * themselves are checked by `schema.ts`. Its rows lie in `flags/`, by group.
 */
import type { Flag } from './flag.ts';
import { CERTIFICATE_FLAGS } from './flags/certificate-flags.ts';
import { FAULT_FLAGS } from './flags/fault-flags.ts';
import { PLUGIN_FLAGS } from './flags/plugin-flags.ts';
import { RECORD_FLAGS } from './flags/record-flags.ts';
import { ROUTE_FLAGS } from './flags/route-flags.ts';
import { START_FLAGS } from './flags/start-flags.ts';
import type { ConfigKey } from './schema.ts';

export const FLAGS: readonly Flag[] = [
  ...START_FLAGS,
  ...FAULT_FLAGS,
  ...ROUTE_FLAGS,
  ...CERTIFICATE_FLAGS,
  ...RECORD_FLAGS,
  ...PLUGIN_FLAGS,
];

/** The flag of each key; keys without one are set in a file alone. */
export const FLAG_OF_KEY: ReadonlyMap<ConfigKey, Flag> = new Map(
  FLAGS.flatMap((flag): [ConfigKey, Flag][] => (flag.key === undefined ? [] : [[flag.key, flag]])),
);

/** Reads all settings that a command needs: flags, environment, and the config file if one is named. */

import type { GivenFlags } from '../config/layer.ts';
import { normalize } from '../config/normalize.ts';
import type { Settings } from '../config/settings.ts';
import type { Io } from './io.ts';

/** @throws Problem of a user, for anything that is wrong with them */
export async function settingsOf(flags: GivenFlags, io: Io): Promise<Settings> {
  const named = flags.get('--config');
  // The parser of YAML is loaded only where there is a file.
  const file = Array.isArray(named)
    ? (await import('../config/load.ts')).loadConfigFile(named.at(-1) as string, io.cwd)
    : undefined;
  return normalize({ flags, env: io.env, cwd: io.cwd, home: io.home, file });
}

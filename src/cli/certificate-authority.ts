/** The CA that the settings name: the user's, or ours in the state directory. */
import type { AuthorityOptions } from '../ca/authority.ts';
import { defaultStateDir } from '../ca/state-dir.ts';
import type { Settings } from '../config/settings.ts';
import type { Io } from './io.ts';

/** Where our CA and other state lives. */
export function stateDirOf(settings: Settings, io: Pick<Io, 'platform' | 'env' | 'home'>): string {
  return settings.stateDir ?? defaultStateDir(io);
}

/** Options of `openAuthority`. */
export function authorityOptions(
  settings: Settings,
  io: Pick<Io, 'platform' | 'env' | 'home'>,
): AuthorityOptions {
  const { caCert, caKey } = settings;
  return {
    stateDir: stateDirOf(settings, io),
    targets: settings.targets,
    ...(caCert === undefined ? {} : { caCert }),
    ...(caKey === undefined ? {} : { caKey }),
  };
}

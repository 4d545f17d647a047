/** Where state that outlives a run is kept by default: the CA, and bundles made for `run`. Pure in its inputs. */
import { posix, win32 } from 'node:path';

export interface StateDirInputs {
  /** `process.platform`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, `os.homedir()`. */
  readonly home: string;
}

const NAME = 'anthropic-error-plugin';

/**
 * The platform's place for state: `%LOCALAPPDATA%` on Windows, `~/Library/Application Support` on macOS, elsewhere
 * `$XDG_STATE_HOME` or `~/.local/state`.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ (a relative XDG path is to be ignored)
 * @example defaultStateDir({ platform: 'linux', env: {}, home: '/home/ada' }) // '/home/ada/.local/state/anthropic-error-plugin'
 */
export function defaultStateDir({ platform, env, home }: StateDirInputs): string {
  if (platform === 'win32') {
    return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), NAME);
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', NAME);
  const xdg = env.XDG_STATE_HOME;
  return posix.join(xdg && posix.isAbsolute(xdg) ? xdg : posix.join(home, '.local', 'state'), NAME);
}

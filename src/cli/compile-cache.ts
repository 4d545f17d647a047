/**
 * Lets Node keep the compiled code of the program, where it can (22.8 and newer): a third of the time to listening. What is
 * installed stays the JavaScript that runs; the cache is the user's own, and a start works without it.
 */
import Module from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The user's own folder for it: not the temporary one that all users of a machine share.
 *
 * @returns nothing where the user has no home of their own
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ (a relative XDG path is to be ignored)
 */
export function compileCacheDir(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string | undefined {
  const [named, ...inHome] =
    platform === 'win32'
      ? [env.LOCALAPPDATA, 'AppData', 'Local']
      : platform === 'darwin'
        ? [undefined, 'Library', 'Caches']
        : [env.XDG_CACHE_HOME, '.cache'];
  const folder = named && isAbsolute(named) ? named : isAbsolute(home) ? join(home, ...inHome) : undefined;
  return folder && join(folder, 'anthropic-error-plugin', 'compiled');
}

/** @see https://nodejs.org/api/module.html#moduleenablecompilecacheoptions (fails without an error) */
export function useCompileCache(): void {
  const { enableCompileCache } = Module as { enableCompileCache?: (directory: string) => unknown };
  const directory = enableCompileCache && compileCacheDir(process.platform, process.env, homedir());
  if (directory) enableCompileCache(directory);
}

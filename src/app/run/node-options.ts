/** NODE_OPTIONS with our preload. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the script that brings the fetch of older Nodes through HTTPS_PROXY. */
export function preloadPath(): string {
  // The package's root is so many levels up from the source, from the library and from the bundled command line.
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'preload', 'proxy-fetch.cjs');
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error('the package lacks preload/proxy-fetch.cjs');
  }
}

/**
 * The user's options and `--require` for the preload; unchanged where it is there already (a run inside a run).
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/cli.html#node_optionsoptions (quotes, and backslashes in them)
 */
export function withPreload(current: string | undefined, preload: string): string {
  const option = `--require "${preload.replace(/[\\"]/g, '\\$&')}"`;
  const options = current?.trim() ?? '';
  if (options.includes(option)) return options;
  return options === '' ? option : `${options} ${option}`;
}

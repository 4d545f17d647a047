/** NODE_OPTIONS with our preload. */
import { createRequire } from 'node:module';

/** Absolute path of the script that brings the fetch of older Nodes through HTTPS_PROXY. */
export function preloadPath(): string {
  return createRequire(import.meta.url).resolve('anthropic-error-plugin/proxy-fetch');
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

/** Makes folders one by one: Node's own way to make them all never returns where a file system makes none (`/proc/x`). */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './files.ts';

/**
 * Makes `path` and the folders above it that are missing, all with `mode`. One that is there stays as it is.
 *
 * @throws what the file system says; `ENOTSUP` where the folder above is there and yet none can be made in it
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  const refused = await refusal(path, mode);
  if (refused === undefined) return;
  const above = dirname(path);
  if (errorCode(refused) !== 'ENOENT' || above === path) throw refused;
  await makeFolder(above, mode);
  const again = await refusal(path, mode);
  if (again === undefined) return;
  if (errorCode(again) !== 'ENOENT') throw again;
  throw Object.assign(new Error(`no folder can be made in ${above}`, { cause: again }), { code: 'ENOTSUP' });
}

/** Why it could not be made, unless it is there now. */
async function refusal(path: string, mode: number): Promise<unknown> {
  try {
    await mkdir(path, { mode });
    return undefined;
  } catch (error) {
    const status = await stat(path).catch(() => undefined);
    return status?.isDirectory() ? undefined : error;
  }
}

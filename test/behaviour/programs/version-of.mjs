// The version of an installed package, whether or not it exports its package.json.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** @param from the file that imports it: an inner package may have another version of the same */
export function packageOf(name, from) {
  let folder = dirname(createRequire(from).resolve(name));
  for (;;) {
    const path = join(folder, 'package.json');
    const found = readJson(path);
    if (found?.name === name) return { path, version: found.version };
    if (folder === dirname(folder)) throw new Error(`no package.json of ${name}`);
    folder = dirname(folder);
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

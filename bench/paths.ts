/** Where the benchmark finds its own sources and keeps what it makes. All of it is under the git-ignored `bench/results/`. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The repository's root: the folder above this file that holds package.json. */
function findRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

const root = findRoot();
const results = join(root, 'bench', 'results');

export const paths = {
  root,
  bench: join(root, 'bench'),
  results,
  /** Compiled TypeScript of `bench/`; what it shares with `test/` and `src/` lies beside it. */
  build: join(results, 'build', 'bench'),
  /** Load generator and upstream. */
  native: join(results, 'native'),
  /** The other proxies: npm packages, virtual environment, binaries. */
  tools: join(results, 'tools'),
  /** Certificates, state directories, logs and config files of a run. */
  work: join(results, 'work'),
  cli: cliOf(root),
};

/** The command line of a checkout that is built. */
export function cliOf(checkout: string): string {
  return resolve(checkout, 'dist', 'cli', 'main.js');
}

/** Makes a folder (and those above it) and returns its path. */
export function folder(...parts: readonly string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

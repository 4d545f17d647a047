/** The npm packages among the subjects: pinned, in a git-ignored folder of their own, never in the product's tree. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '../harness/command.ts';
import { folder, paths } from '../paths.ts';

/** Exact versions. */
export const PINNED = { mockttp: '4.6.5', 'http-mitm-proxy': '1.1.0' } as const;

function installed(name: string): string | undefined {
  const manifest = join(paths.tools, 'npm', 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Installs the pinned packages where they are missing. Throws Unavailable where npm cannot. */
export function installPinned(): void {
  if (Object.entries(PINNED).every(([name, version]) => installed(name) === version)) return;
  const cwd = folder(paths.tools, 'npm');
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ private: true, dependencies: PINNED }));
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd,
    hint: 'needs an npm registry once',
  });
}

/** Loads a pinned package, in the subject's own process. */
export function load<T>(name: keyof typeof PINNED): T {
  return createRequire(join(paths.tools, 'npm', 'package.json'))(name) as T;
}

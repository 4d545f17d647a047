// Makes package-lock.json the same wherever it is written (run by `npm run lock`, after any `npm install X`):
// - no download addresses: which registry a package came from is the installer's business;
// - an entry for every optional platform package, also those that the registry at hand does not carry.
//   Without them `npm ci` calls the lock file out of sync, on every machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
execFileSync(npm, ['install', '--package-lock-only', '--ignore-scripts'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
  cwd: new URL('..', import.meta.url),
});

const lock = JSON.parse(readFileSync(file, 'utf8'));
const platforms = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const named = (name, words) => words.filter((word) => name.split(/[-/@]/).includes(word));

for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const os = named(name, platforms);
    if (lock.packages[`node_modules/${name}`] || os.length === 0 || !/^\d/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: named(name, processors),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os,
    };
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

/** Installs a client into a folder of its own (`.clients/` or `.nodes/`, not committed), and prints what it ran. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Runs the commands once for each name; a failed installation fails the tests that need it.
 *
 * @param name of the folder, from the root, with the version in it
 * @returns the folder
 */
export function install(name: string, commands: (folder: string) => readonly (readonly string[])[]): string {
  const folder = join(ROOT, name);
  const done = join(folder, '.installed');
  if (existsSync(done)) {
    process.stdout.write(`${name}: installed before\n`);
    return folder;
  }
  mkdirSync(folder, { recursive: true });
  for (const [file = '', ...args] of commands(folder)) {
    process.stdout.write(`${name}: ${[file, ...args].join(' ')}\n`);
    execFileSync(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  writeFileSync(done, '');
  return folder;
}

/** The oldest and the newest major that this product speaks of. */
export const PYTHON_VERSIONS = ['1.13.0', '2.12.0'] as const;

/** @returns the folder of a virtual environment with the Python SDK */
export function installPython(version: (typeof PYTHON_VERSIONS)[number]): string {
  return install(`.clients/python-anthropic-${version}`, (here) => [
    ['python3', '-m', 'venv', here],
    [join(here, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', `anthropic==${version}`],
  ]);
}

/** Pinned: it changes between releases. @returns the folder with its `node_modules` */
export function installClaudeCode(version = '2.1.330'): string {
  return install(`.clients/claude-code-${version}`, (prefix) => [
    ['npm', 'install', '--no-save', '--prefix', prefix, `@anthropic-ai/claude-code@${version}`],
  ]);
}

/** @returns the program of `go/`, which pins the SDK in its go.mod */
export function installGo(): string {
  const folder = install('.clients/go-anthropic-1.84.0', (here) => [
    ['go', 'build', '-C', join(ROOT, 'test', 'clients', 'ci', 'go'), '-o', join(here, 'calls'), '.'],
  ]);
  return join(folder, 'calls');
}

/** @returns the program of `go/network/` */
export function installGoNetwork(): string {
  const folder = install('.clients/go-network-1.84.0', (here) => [
    [
      'go',
      'build',
      '-C',
      join(ROOT, 'test', 'clients', 'ci', 'go'),
      '-o',
      join(here, 'network'),
      './network',
    ],
  ]);
  return join(folder, 'network');
}

/** @returns the executable of the newest Node of a major */
export function installNode(major: number): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = install(`.nodes/${major}`, (here) => [
    ['npm', 'install', '--no-save', '--prefix', here, `${name}@${major}`],
  ]);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** @returns the executable of Deno, whose TLS is rustls */
export function installDeno(version = '2.9.6'): string {
  const folder = install(`.clients/deno-${version}`, (prefix) => [
    ['npm', 'install', '--no-save', '--prefix', prefix, `deno@${version}`],
  ]);
  return join(folder, 'node_modules', '.bin', 'deno');
}

const PROBES = join(ROOT, 'test', 'ca', 'probes');

/** @returns the program of `test/ca/probes/probe.go` */
export function installGoProbe(): string {
  const folder = install('.clients/go-probe-1', (here) => [
    ['go', 'build', '-o', join(here, 'probe'), join(PROBES, 'probe.go')],
  ]);
  return join(folder, 'probe');
}

/** @returns the class path of `test/ca/probes/Probe.java` */
export function installJavaProbe(): string {
  return install('.clients/java-probe-1', (here) => [['javac', '-d', here, join(PROBES, 'Probe.java')]]);
}

/** The command line as it is installed, built from the sources into a directory of the test's own, and run as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { inject, onTestFinished } from 'vitest';
import configs from '../../rolldown.config.ts';
import { bareEnvironment } from '../clients/support/bare-environment.ts';

let built: Promise<string> | undefined;

/** Bundles as `npm run build` does, once for all tests of a process. @returns the path of `main.js`; it goes with the run */
export function buildProgram(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(inject('runFolder'), 'built-'));
  for (const config of [configs].flat()) {
    const { output, ...input } = config;
    const { dir = '', ...options } = [output ?? {}].flat()[0]!;
    const bundle = await rolldown(input);
    await bundle.write({ ...options, dir: dir.replace('dist/cli', directory) });
    await bundle.close();
  }
  return join(directory, 'main.js');
}

export interface Running {
  readonly child: ChildProcess;
  /** Where it may write; its working directory and the home of its state. */
  readonly folder: string;
  stdout(): string;
  stderr(): string;
  /** Waits until stdout holds such a text. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Code, or name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts the program; it is killed when the test is over. */
export function startProgram(
  main: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  files: Readonly<Record<string, string>> = {},
): Running {
  const folder = mkdtempSync(join(tmpdir(), 'aep-run-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...bareEnvironment(), HOME: folder, XDG_STATE_HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    child,
    folder,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match === null) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`ended with ${code}: ${stdout}${stderr}`)));
      }),
  };
}

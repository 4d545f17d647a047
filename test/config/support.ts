/** What the tests of `config/` share. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { GivenFlags } from '../../src/config/layer.ts';
import { parseConfig } from '../../src/config/load.ts';
import { normalize } from '../../src/config/normalize.ts';
import type { Settings } from '../../src/config/settings.ts';
import { Problem } from '../../src/core/problem.ts';

/** A directory with these files, gone when the test is over. */
export function directoryWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'aep-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

export interface Given {
  readonly flags?: Readonly<Record<`--${string}`, boolean | string | readonly string[]>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Text of `faults.yaml`. */
  readonly file?: string;
  readonly cwd?: string;
  /** Where the file lies; the working directory by default. */
  readonly directory?: string;
}

/** Settings from sources as a test writes them. */
export function settings({
  flags = {},
  env = {},
  file,
  cwd = '/work-dir',
  directory = cwd,
}: Given): Settings {
  return normalize({
    flags: givenFlags(flags),
    env,
    cwd,
    home: '/home/ada',
    file: file === undefined ? undefined : parseConfig(file, 'faults.yaml', directory),
  });
}

export function givenFlags(flags: NonNullable<Given['flags']>): GivenFlags {
  return new Map(
    Object.entries(flags).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  );
}

/** The message of the Problem that `run` throws; it must be one of the user's. */
export function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem && error.kind === 'user') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The command line in this process, with an environment, a state directory and outputs of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { atEnd } from '../support/proxy.ts';

export interface Cli {
  /** Where the commands under test may write. */
  readonly folder: string;
  run(...args: string[]): Promise<number>;
  /** Sends a signal's number to the program. */
  signal(number: number): void;
  stdout(): string;
  stderr(): string;
}

export async function testCli(env: NodeJS.ProcessEnv = {}): Promise<Cli> {
  const folder = await mkdtemp(join(tmpdir(), 'aep-run-cli-'));
  atEnd(() => rm(folder, { recursive: true }));
  let stdout = '';
  let stderr = '';
  const handlers = new Set<(signal: number) => void>();
  const io: Io = {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    terminal: { stdout: false, stderr: false, stdin: false },
    env: { ...bareEnvironment(), XDG_STATE_HOME: folder, FOLDER: folder, ...env },
    cwd: folder,
    platform: process.platform,
    home: folder,
    onStop(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
  return {
    folder,
    run: (...args) => runCli(args, io),
    signal: (number) => {
      for (const handler of handlers) handler(number);
    },
    stdout: () => stdout,
    stderr: () => stderr,
  };
}

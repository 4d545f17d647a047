/** Programs of other makers, as second opinions. Tests that need a missing one are reported as skipped. */
import { execFile, spawnSync } from 'node:child_process';

/** The command's name when it runs here, else undefined. */
function find(command: string, ...probe: readonly string[]): string | undefined {
  return spawnSync(command, probe, { stdio: 'ignore' }).status === 0 ? command : undefined;
}

export const openssl = find('openssl', 'version');
export const curl = find('curl', '--version');
export const keytool = find('keytool', '-help');
export const python = find('python3', '-c', 'import ssl');
export const javac = find('javac', '-version');

export interface Finished {
  readonly code: number;
  /** Standard output and error together. */
  readonly output: string;
}

/** Runs a program to its end without blocking this process, which may be the server that it talks to. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...options.env };
    const child = execFile(command, args, { timeout: 30_000, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, output: stdout + stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });
}

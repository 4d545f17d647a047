/** Runs tools to their end: compilers, installers, openssl. */
import { spawnSync } from 'node:child_process';
import { Unavailable } from '../model.ts';

/** True when a program of that name can be started. */
export function has(program: string, ...probe: readonly string[]): boolean {
  return spawnSync(program, probe.length > 0 ? probe : ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Runs a program and returns what it printed.
 *
 * @throws Unavailable with the last line that it complained, and `hint`
 */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; hint?: string } = {},
): string {
  const done = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  if (done.status === 0) return done.stdout;
  const complaint = (done.error?.message ?? (done.stderr || done.stdout))
    .trim()
    .split('\n')
    .slice(-3)
    .join(' | ');
  throw new Unavailable(
    `${program} ${args[0] ?? ''} failed: ${complaint}${options.hint ? ` (${options.hint})` : ''}`,
  );
}

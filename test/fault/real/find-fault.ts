/** The fault that is tried: `FAULT_BIN`, or `fault` on the PATH. */
import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

export interface FoundFault {
  readonly file: string;
  /** As it names itself: `fault-cli 0.20.24`. */
  readonly version: string;
}

/** @returns the program, or the reason why there is none */
export function findFault(env: NodeJS.ProcessEnv = process.env): FoundFault | string {
  const named = env.FAULT_BIN;
  const files = named ? [named] : (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'fault'));
  for (const file of files) {
    try {
      const version = execFileSync(file, ['--version'], { encoding: 'utf8', stdio: 'pipe' }).trim();
      if (/^fault/.test(version)) return { file, version };
    } catch {
      // Not there, or no fault: the next one.
    }
  }
  return named
    ? `FAULT_BIN names ${named}, which is no fault proxy.`
    : 'There is no fault binary: name one by FAULT_BIN, or put fault on the PATH.';
}

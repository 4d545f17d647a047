/** How many files, and so connections, this process may have open. */
import { readFileSync } from 'node:fs';

/** Undefined where the system does not tell, or sets no limit. */
export function openFilesLimit(limits: () => string = linuxLimits): number | undefined {
  try {
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits())?.[1]);
    return limit > 0 ? limit : undefined;
  } catch {
    return undefined;
  }
}

function linuxLimits(): string {
  return readFileSync('/proc/self/limits', 'latin1');
}

/** What a result depends on besides the code: said in every report. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { paths } from '../paths.ts';

export interface MachineInfo {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly kernel: string;
  readonly memoryGb: number;
  /** Load average over the minute before the run: other work on the machine. */
  readonly loadBefore: number;
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', paths.root, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') ? ' with changes' : '')
    );
  } catch {
    return 'unknown';
  }
}

export function machineInfo(): MachineInfo {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cpu: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    kernel: release(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg()[0]!,
  };
}

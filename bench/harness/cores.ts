/**
 * Who runs on which core. Where a scenario polls, the subject has a core of its own, and the load generator and the
 * upstream share another that never sleeps: then no write of the subject has to wake a sleeping core, which costs more
 * than all that a proxy does with a request, and which the slower subject pays more often.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { has } from './command.ts';

const PEERS = '0';

function set(command: string, args: readonly string[]): void {
  spawnSync(command, args, { stdio: 'ignore' });
}

/** True when this machine can separate them; else all share all cores, and the report's figures are the harsher for it. */
export function canSeparate(): boolean {
  return cpus().length > 1 && has('taskset') && has('chrt');
}

/** @param separate false puts all of them on all cores again */
export function placeOnCores(separate: boolean, subject: number | undefined, peers: readonly number[]): void {
  if (!canSeparate()) return;
  const last = cpus().length - 1;
  const all = `0-${last}`;
  for (const pid of peers) {
    set('taskset', ['-a', '-c', '-p', separate ? PEERS : all, `${pid}`]);
    // Batch processes do not interrupt the one that runs: the generator yields to them anyway.
    set('chrt', [separate ? '-b' : '-o', '-p', '0', `${pid}`]);
  }
  if (subject !== undefined) set('taskset', ['-a', '-c', '-p', separate ? `1-${last}` : all, `${subject}`]);
}

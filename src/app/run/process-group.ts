/**
 * Signals to a command and all that it started. On POSIX systems the command leads a process group of its own, so that
 * children whose parent is gone are reached too; Windows knows trees only, and only while their root lives.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessGroup {
  /** Sends a signal to every process; on Windows all but SIGKILL are left to the console, which sends its own. */
  send(signal: NodeJS.Signals): void;
  /** True while some process is there. */
  alive(): boolean;
  /** Asks what is left to end, then ends it. @returns whether there was something */
  end(graceMs: number): Promise<boolean>;
}

/** How often a group is looked at while it ends. */
const LOOK_MS = 20;

/** @param own the child was started as leader of a group (`detached`) */
export function processGroup(child: ChildProcess, own: boolean, platform = process.platform): ProcessGroup {
  const { pid } = child;
  const signal = (name: NodeJS.Signals | 0): boolean => {
    if (pid === undefined) return false;
    try {
      return process.kill(own ? -pid : pid, name);
    } catch (error) {
      // EPERM: it is there, and not ours to signal (a zombie on macOS answers so too).
      return (error as NodeJS.ErrnoException).code === 'EPERM' && platform !== 'darwin';
    }
  };
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const group: ProcessGroup = {
    send(name) {
      if (platform !== 'win32') signal(name);
      else if (name === 'SIGKILL' && running()) spawn('taskkill', ['/pid', String(pid), '/T', '/F']);
    },
    // A single process that ended may have left its number to another.
    alive: () => (own ? signal(0) && !onlyZombies(pid!, platform) : running()),
    async end(graceMs) {
      if (!group.alive()) return false;
      group.send('SIGTERM');
      const gone = async (ms: number): Promise<boolean> => {
        for (let waited = 0; group.alive(); waited += LOOK_MS) {
          if (waited >= ms) return false;
          await sleep(LOOK_MS);
        }
        return true;
      };
      if (!(await gone(graceMs))) {
        group.send('SIGKILL');
        await gone(graceMs);
      }
      return true;
    },
  };
  return group;
}

/**
 * True if all that is left of a group has ended and waits for a parent to notice. In a container whose first process
 * takes no notice of orphans, that is for ever.
 */
function onlyZombies(group: number, platform: NodeJS.Platform): boolean {
  if (platform !== 'linux') return false;
  try {
    const states = readdirSync('/proc').flatMap((name) => (/^\d/.test(name) ? stateIn(name, group) : []));
    return states.every((state) => state === 'Z' || state === 'X');
  } catch {
    // No /proc: the signal's word counts.
    return false;
  }
}

/** The state of a process, if it is in the group. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function stateIn(pid: string, group: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before may hold anything, parentheses too.
    const [state = '', , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(ofGroup) === group ? [state] : [];
  } catch {
    return [];
  }
}

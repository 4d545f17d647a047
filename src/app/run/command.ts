/** Runs the user's command: its exit code, signals on their way to it, and an end to whatever it leaves behind. */
import { constants } from 'node:os';
import spawn from 'cross-spawn';
import { Problem } from '../../core/problem.ts';
import { processGroup } from './process-group.ts';

export interface CommandOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command shares a terminal with us: it stays in our process group, where Ctrl-C reaches it and job control works. */
  readonly interactive: boolean;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default 5000. */
  readonly graceMs?: number;
  /** Default: ours. */
  readonly stdio?: 'inherit' | 'ignore';
}

export interface CommandEnd {
  /** The command's, 128 + the signal's number, 127 for a command that does not exist, 126 for one that cannot run. */
  readonly code: number;
  readonly signal?: NodeJS.Signals;
  /** Why it could not be started. */
  readonly problem?: Problem;
  /** Processes that it left behind were ended. */
  readonly lingered: boolean;
}

export interface RunningCommand {
  readonly end: Promise<CommandEnd>;
  /**
   * Passes on a signal that asks to stop. A command that does not end within the grace is killed, but for SIGINT in a
   * terminal, which many programs take as a key.
   */
  stop(signal: NodeJS.Signals): void;
}

/**
 * Starts a command; on Windows also scripts (`.cmd`), as a shell would. Never throws.
 *
 * @example
 * const running = startCommand({ command: 'npm', args: ['test'], env: process.env, interactive: false });
 * process.exitCode = (await running.end).code;
 */
export function startCommand(options: CommandOptions): RunningCommand {
  const { command, graceMs = 5_000, interactive } = options;
  const own = !interactive && process.platform !== 'win32';
  const child = spawn(command, [...options.args], {
    env: { ...options.env },
    stdio: options.stdio ?? 'inherit',
    detached: own,
  });
  const group = processGroup(child, own);
  let deadline: NodeJS.Timeout | undefined;
  const ended = new Promise<Omit<CommandEnd, 'lingered'>>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(notStarted(command, error)));
    child.once('exit', (code, signal) => resolve(exited(code, signal)));
  });
  return {
    end: ended.then(async (end) => {
      clearTimeout(deadline);
      return { ...end, lingered: own && (await group.end(graceMs)) };
    }),
    stop(signal) {
      // In a terminal, Ctrl-C has reached it already.
      if (interactive && signal === 'SIGINT') return;
      group.send(signal);
      deadline ??= setTimeout(() => group.send('SIGKILL'), graceMs);
    },
  };
}

function exited(code: number | null, signal: NodeJS.Signals | null): Omit<CommandEnd, 'lingered'> {
  return signal === null ? { code: code ?? 1 } : { code: 128 + constants.signals[signal], signal };
}

function notStarted(command: string, error: NodeJS.ErrnoException): Omit<CommandEnd, 'lingered'> {
  const name = JSON.stringify(command);
  const options = { cause: error };
  if (error.code === 'ENOENT') {
    const sentence = `the command ${name} was not found: check its name, or give its path`;
    return { code: 127, problem: new Problem('file-not-found', sentence, options) };
  }
  if (error.code === 'EACCES') {
    const sentence = `the command ${name} may not be run: it is not executable, or a directory`;
    return { code: 126, problem: new Problem('no-permission', sentence, options) };
  }
  return {
    code: 126,
    problem: new Problem('io', `the command ${name} cannot be run: ${error.message}`, options),
  };
}

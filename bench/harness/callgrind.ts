/**
 * Counts the instructions that a program on Node executes, by valgrind's callgrind: what it does is then told without
 * the noise of a machine, though without what the kernel does for it. V8 runs on one thread, so that compiling and
 * collecting garbage count as well, and with fixed seeds.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Launch, Unavailable } from '../model.ts';
import { folder, paths } from '../paths.ts';
import { has, run } from './command.ts';

const V8 = ['--single-threaded', '--hash-seed=1', '--random-seed=1'];
const HINT = 'instructions are counted by valgrind, on Debian: apt-get install valgrind';

/** A program under callgrind. */
export class Counted {
  readonly launch: Launch;
  readonly #file: string;
  #dumps = 0;

  /**
   * @param name of the file that callgrind writes
   * @throws Unavailable without valgrind, or for a program that is not on Node
   */
  constructor(name: string, launch: Launch) {
    if (!has('valgrind')) throw new Unavailable(HINT);
    if (launch.command !== process.execPath)
      throw new Unavailable('instructions are counted of programs on Node');
    this.#file = join(folder(paths.work, 'callgrind'), name);
    const callgrind = ['--tool=callgrind', `--callgrind-out-file=${this.#file}`, '--smc-check=all-non-file'];
    this.launch = {
      ...launch,
      command: 'valgrind',
      args: [...callgrind, launch.command, ...V8, ...launch.args],
    };
  }

  /** Begins to count, from zero. */
  begin(pid: number): void {
    run('callgrind_control', ['--zero', `${pid}`], { hint: HINT });
  }

  /** Instructions since `begin`. */
  end(pid: number): number {
    run('callgrind_control', ['--dump', `${pid}`], { hint: HINT });
    const file = `${this.#file}.${++this.#dumps}`;
    const summary = /^summary: (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    rmSync(file);
    if (summary === undefined) throw new Error('callgrind told no number of instructions');
    return Number(summary);
  }
}

/** A subject at work: its process, from spawn until it is gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launch } from '../model.ts';
import { folder, paths } from '../paths.ts';

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** True when there is no such file to wait for, or it is there whole. */
function written(file: string | undefined): boolean {
  if (file === undefined) return true;
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Processes at work: none outlives the benchmark, however that ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}

export class Server {
  readonly #readyFile: string | undefined;
  readonly #child: ChildProcess;
  readonly #log: string;
  #exit: string | undefined;

  constructor(name: string, launch: Launch) {
    this.#readyFile = launch.readyFile;
    if (this.#readyFile !== undefined) rmSync(this.#readyFile, { force: true });
    this.#log = join(folder(paths.work, 'logs'), `${name}.log`);
    const log = openSync(this.#log, 'w');
    this.#child = spawn(launch.command, launch.args, {
      cwd: launch.cwd ?? folder(paths.work),
      env: { ...process.env, NODE_ENV: 'production', ...launch.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    running.add(this.#child);
    this.#child.on('error', (error) => {
      this.#exit = error.message;
    });
    this.#child.on('exit', (code, signal) => {
      running.delete(this.#child);
      this.#exit = `ended with ${signal ?? code}`;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Last lines of what it printed. */
  complaint(): string {
    const text = readFileSync(this.#log, 'utf8').trim();
    return [this.#exit, ...text.split('\n').slice(-4)].filter(Boolean).join(' | ').slice(0, 600);
  }

  /** Waits until it listens and its ready file is written; rejects when it ends first or takes over a minute. */
  async ready(port: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await listens(port)) || !written(this.#readyFile)) {
      if (this.#exit !== undefined) throw new Error(this.complaint());
      if (Date.now() > deadline) throw new Error(`did not listen within 60 s: ${this.complaint()}`);
      await sleep(5);
    }
    if (this.#exit !== undefined) throw new Error(this.complaint());
  }

  /** Ends it, gently first, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#exit !== undefined) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 1500);
    await gone;
    clearTimeout(impatience);
  }
}

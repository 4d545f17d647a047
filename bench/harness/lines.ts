/** A child process that is spoken to in lines: commands in, JSON out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class LineProcess {
  readonly child: ChildProcess;
  readonly #waiting: { resolve(line: string): void; reject(reason: Error): void }[] = [];
  #stderr = '';
  #ended: Error | undefined;

  constructor(command: readonly string[]) {
    const [program, ...args] = command;
    this.child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-2000);
    });
    this.child.stdin!.on('error', () => {});
    const end = (what: string): void => {
      this.#ended = new Error(`${program} ${what}: ${this.#stderr.trim()}`);
      for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#ended);
    };
    this.child.on('error', (error) => end(error.message));
    this.child.on('close', (code) => end(`ended with ${code}`));
  }

  /** The next line that it prints, parsed. Rejects when it ends first. */
  answer<T>(): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject })).then(
      (line) => JSON.parse(line) as T,
    );
  }

  /** Sends a command and returns its answer. */
  ask<T>(command: string): Promise<T> {
    const answer = this.answer<T>();
    this.child.stdin!.write(`${command}\n`);
    return answer;
  }

  /** Ends it by ending its input, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#ended) return;
    const closed = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    this.child.stdin!.end();
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    await closed;
    clearTimeout(impatience);
  }
}

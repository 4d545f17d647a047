/** A client program as a child process that makes many calls side by side, one line of JSON for each. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { commandOf, type Program } from './clients.ts';

/** An error as it reached the program. */
export interface SeenError {
  readonly name: string;
  readonly status: number | null;
  readonly type: string | null;
  readonly message: string;
  /** What the AI SDK keeps in an error of its retries. */
  readonly inner?: SeenError;
}

/** What a call looked like from the program's side. */
export interface Report {
  /** Kind of thing returned: `message`, `events`, `string`, `error` … or `nothing`. */
  readonly returned: string | null;
  readonly text: string;
  readonly stop: string | null;
  /** Oddities that the program got to see. */
  readonly notes: readonly string[];
  /** An error that came as part of a stream, not thrown. */
  readonly part?: SeenError;
  /** An error that was thrown. */
  readonly error?: SeenError;
}

export interface ClientCall {
  readonly way: string;
  readonly url: string;
  readonly timeoutMs?: number;
  /** The client's own by default. */
  readonly retries?: number;
  /** So many characters more in the prompt. */
  readonly pad?: number;
  /** One client object (and so its connections) for all calls to one URL; else each call makes its own. */
  readonly keep?: boolean;
}

type Line = { readonly ready?: Versions; readonly id?: number; readonly report?: Report };

export type Versions = Readonly<Record<string, string>>;

export class ClientProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (report: Report) => void>();
  #calls = 0;
  #errors = '';
  /** Versions of the client's packages, once the program has started; rejects when it ends before. */
  readonly versions: Promise<Versions>;

  constructor(program: Program, hasten = false) {
    const [file, ...args] = commandOf(program, hasten);
    const child = spawn(file, args, { env: bareEnvironment(), stdio: 'pipe' });
    this.#child = child;
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.versions = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) =>
        reject(new Error(`${program} ended with ${code}\n${this.#errors.slice(-2000)}`)),
      );
      createInterface({ input: child.stdout }).on('line', (text) => {
        const { ready, id, report } = JSON.parse(text) as Line;
        if (ready) resolve(ready);
        else if (id !== undefined && report) this.#waiting.get(id)?.(report);
      });
    });
    // Whoever needs them awaits them; a program that is stopped early is no failure.
    this.versions.catch(() => {});
  }

  /** Makes a call; `undefined` when it has not ended after `patienceMs`. */
  async call(call: ClientCall, patienceMs: number): Promise<Report | undefined> {
    await this.versions;
    const id = this.#calls++;
    let timer: NodeJS.Timeout | undefined;
    const report = new Promise<Report | undefined>((resolve) => {
      this.#waiting.set(id, resolve);
      timer = setTimeout(() => resolve(undefined), patienceMs);
    });
    this.#child.stdin?.write(`${JSON.stringify({ id, ...call })}\n`);
    try {
      return await report;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Ends the program with whatever it is waiting for. */
  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** The workers of `--workers`, as the first process sees them: started together, stopped together, and none may be missing. */
import cluster, { type Worker } from 'node:cluster';
import { Problem } from '../../core/problem.ts';
import type { FromWorker, Listens, ToWorker, WorkerPlan } from './messages.ts';
import { WORKER } from './worker-argument.ts';

/** A worker that was told to stop may take so much longer than its calls. */
const PATIENCE_MS = 5_000;

export interface WorkerPool {
  readonly listens: Listens;
  readonly pids: readonly number[];
  /** Resolves when a worker is gone that was not told to stop, or not in order. */
  readonly failed: Promise<Problem>;
  /** Stops all, and waits until they are gone. @param graceMs what is under way may take so long to finish */
  drain(graceMs: number): Promise<void>;
}

/** What a worker tells while it serves. @param index of the worker, from 0 */
export type Told = (
  message: Extract<FromWorker, { type: 'events' | 'records' | 'counts' }>,
  index: number,
) => void;

/**
 * Starts a worker for each plan.
 *
 * @param script the program, which is started with {@link WORKER}
 * @throws (rejects) Problem of a worker that could not start; none is left then
 */
export async function startWorkers(
  script: string,
  plans: readonly WorkerPlan[],
  told: Told,
): Promise<WorkerPool> {
  cluster.setupPrimary({
    exec: script,
    args: [WORKER],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let fail = (_problem: Problem): void => {};
  const failed = new Promise<Problem>((resolve) => {
    fail = resolve;
  });
  const workers = plans.map((plan, index) => new PooledWorker(plan, index, told, fail));
  try {
    const [listens] = await Promise.race([
      Promise.all(workers.map(({ serving }) => serving)),
      failed.then((problem): never => {
        throw problem;
      }),
    ]);
    return {
      listens: listens!,
      pids: workers.map(({ pid }) => pid),
      failed,
      drain: async (graceMs) => {
        const late = setTimeout(() => {
          for (const worker of workers) worker.kill();
        }, graceMs + PATIENCE_MS);
        for (const worker of workers) worker.drain(graceMs);
        await Promise.all(workers.map(({ gone }) => gone));
        clearTimeout(late);
      },
    };
  } catch (error) {
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ gone }) => gone));
    throw error;
  }
}

class PooledWorker {
  readonly serving: Promise<Listens>;
  /** Resolves when it has ended and all that it said was read. */
  readonly gone: Promise<void>;
  readonly #worker: Worker;
  #killed = false;

  constructor(plan: WorkerPlan, index: number, told: Told, fail: (problem: Problem) => void) {
    const worker = cluster.fork();
    this.#worker = worker;
    let serves = (_listens: Listens): void => {};
    this.serving = new Promise((resolve) => {
      serves = resolve;
    });
    let drained = false;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'up') this.#tell({ type: 'plan', plan });
      else if (message.type === 'serving') serves(message);
      else if (message.type === 'problem') fail(new Problem(message.code, message.message));
      else if (message.type === 'drained') drained = true;
      else told(message, index);
    });
    const { process: child } = worker;
    this.gone = new Promise((resolve) => {
      let how: string | undefined;
      let unplugged = false;
      const look = (): void => {
        if (how === undefined || !unplugged) return;
        if (!drained)
          fail(new Problem('io', this.#killed ? killedText(child.pid) : lostText(child.pid, how)));
        resolve();
      };
      child.once('exit', (code, signal) => {
        how = signal ?? `exit code ${code}`;
        look();
      });
      child.once('disconnect', () => {
        unplugged = true;
        look();
      });
      worker.on('error', (error) => {
        // Else it runs, and what could not be told it is told by its end.
        if (child.pid !== undefined) return;
        fail(new Problem('io', `a worker process could not be started: ${error.message}`, { cause: error }));
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  drain(graceMs: number): void {
    this.#tell({ type: 'drain', graceMs });
  }

  kill(): void {
    this.#killed = true;
    this.#worker.process.kill('SIGKILL');
  }

  #tell(message: ToWorker): void {
    // One that is gone is told of by `gone`.
    if (this.#worker.isConnected()) this.#worker.send(message, () => {});
  }
}

function lostText(pid: number | undefined, how: string): string {
  return `the worker process ${pid} ended by itself (${how}), and its calls with it, so the run was ended: start it again; if it was killed for its memory, use fewer --workers`;
}

function killedText(pid: number | undefined): string {
  return `the worker process ${pid} did not stop when it was told to, and was killed: what it had under way was cut off`;
}

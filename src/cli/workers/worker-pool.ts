/** The workers of `--workers`, as the first process sees them: started together, stopped together, and none may be missing. */
import cluster, { type Worker } from 'node:cluster';
import { Problem } from '../../core/problem.ts';
import type { FromWorker, Listens, ToWorker, WorkerPlan } from './messages.ts';
import { WORKER } from './worker-argument.ts';

/** A worker that was told to stop may take so much longer than its calls. */
const PATIENCE_MS = 5_000;
/** The same, of one that was told to stop at once. */
const HURRY_MS = 2_000;
/** What a worker that is gone has said is read by then. */
const LAST_WORDS_MS = 5_000;

export interface WorkerPool {
  readonly listens: Listens;
  readonly pids: readonly number[];
  /** Resolves when a worker is gone that was not told to stop, or not in order. */
  readonly failed: Promise<Problem>;
  /**
   * Stops all, and waits until they are gone; called again, there is no more time.
   *
   * @param graceMs what is under way may take so long to finish
   */
  drain(graceMs: number): Promise<void>;
}

/** What a worker tells while it serves. @param index of the worker, from 0 */
export type Told = (
  message: Extract<FromWorker, { type: 'events' | 'records' | 'counts' }>,
  index: number,
) => void;

/** A worker that is gone and did not end in order. */
export interface Loss {
  /** From 0. */
  readonly index: number;
  readonly pid: number;
  /** e.g. `SIGKILL`. */
  readonly how: string;
  /** All of it in a sentence. */
  readonly message: string;
}

/**
 * Starts a worker for each plan.
 *
 * @param script the program, which is started with {@link WORKER}
 * @param lost called for each worker that is lost while it serves or stops, when all that it told has been told
 * @throws (rejects) Problem of a worker that could not start; none is left then
 */
export async function startWorkers(
  script: string,
  plans: readonly WorkerPlan[],
  told: Told,
  lost: (loss: Loss) => void,
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
  let serving = false;
  const tellLoss = (loss: Loss): void => {
    // Of a start that fails, its reason is enough.
    if (serving) lost(loss);
  };
  const workers = plans.map((plan, index) => new PooledWorker(plan, index, told, tellLoss, fail));
  try {
    const [listens] = await Promise.race([
      Promise.all(workers.map(({ serving }) => serving)),
      failed.then((problem): never => {
        throw problem;
      }),
    ]);
    serving = true;
    return {
      listens: listens!,
      pids: workers.map(({ pid }) => pid),
      failed,
      drain: async (graceMs) => {
        const late = setTimeout(
          () => {
            for (const worker of workers) worker.kill();
          },
          graceMs + (graceMs === 0 ? HURRY_MS : PATIENCE_MS),
        );
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
  #stopping = false;
  #killed = false;

  constructor(
    plan: WorkerPlan,
    index: number,
    told: Told,
    lost: (loss: Loss) => void,
    fail: (problem: Problem) => void,
  ) {
    const worker = cluster.fork();
    this.#worker = worker;
    let serves = (_listens: Listens): void => {};
    this.serving = new Promise((resolve) => {
      serves = resolve;
    });
    let inOrder = false;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'up') this.#tell({ type: 'plan', plan });
      else if (message.type === 'serving') serves(message);
      else if (message.type === 'problem') {
        inOrder = true;
        fail(new Problem(message.code, message.message));
      } else if (message.type === 'drained') inOrder = true;
      else told(message, index);
    });
    const { process: child } = worker;
    this.gone = new Promise((resolve) => {
      const gone = (how: string): void => {
        if (!inOrder) {
          const message = this.#lossText(how);
          lost({ index, pid: this.pid, how, message });
          fail(new Problem('io', message));
        }
        resolve();
      };
      child.once('exit', (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        let late: NodeJS.Timeout | undefined;
        const last = (): void => {
          clearTimeout(late);
          // Messages are told a moment after they were read.
          setImmediate(gone, how);
        };
        // Not `disconnect`: Node leaves it out where a connection was on its way to the worker.
        child.once('close', last);
        late = setTimeout(() => {
          child.off('close', last);
          last();
        }, LAST_WORDS_MS);
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
    this.#stopping = true;
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

  #lossText(how: string): string {
    const name = `the worker process ${this.pid}`;
    if (this.#killed)
      return `${name} did not stop when it was told to, and was killed: what it had under way was cut off`;
    if (this.#stopping)
      return `${name} ended by itself (${how}) while the run was stopped: what it had under way was cut off`;
    return `${name} ended by itself (${how}), and its calls with it, so the run was ended: start it again; if it was killed for its memory, use fewer --workers`;
  }
}

/**
 * A worker of `--workers`: one proxy that listens together with its siblings. It shows and writes nothing itself; the
 * first process tells it what to do and when to stop, and Node ends it when that one is gone.
 */
import process from 'node:process';
import { Problem } from '../../core/problem.ts';
import { EventBus } from '../../observe/bus.ts';
import { storeOf } from '../arm-run.ts';
import { closing, STOP_LATE } from '../close-in-time.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { openProxy } from '../open-proxy.ts';
import { sendEvents } from './event-sender.ts';
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts';
import { received } from './sent-settings.ts';

/** Less than the first process has with its workers. */
const PATIENCE = { graceMs: 3_000, hurryMs: 1_000 };

/** @returns the exit code */
export async function runWorker(io: Io): Promise<number> {
  if (process.send === undefined)
    throw new Problem('bad-option', 'a worker is started by the proxy alone: start that with --workers 2');
  // Ctrl-C reaches every process of a terminal; when to stop is for the first one to say.
  io.onStop(() => {});
  const orders = receive();
  post({ type: 'up' });
  try {
    const { close, ready, sender } = await open(await orders.plan, io);
    const { url, host, port } = ready;
    post({ type: 'serving', url, host, port });
    const stop = closing(close, PATIENCE);
    orders.onHurry(stop.hurry);
    const inTime = await stop.inTime(await orders.drain);
    sender.end();
    if (!inTime) throw new Problem('io', STOP_LATE);
  } catch (error) {
    const { code, message, kind } = Problem.from(error);
    if (kind === 'bug') throw error;
    await send({ type: 'problem', code, message });
    return EXIT.failed;
  }
  await send({ type: 'drained' });
  return EXIT.ok;
}

async function open(plan: WorkerPlan, io: Io) {
  const { settings, seed, share, armedAt, tells } = plan;
  const own = received(settings);
  const since = Number(process.hrtime.bigint() - armedAt) / 1e6;
  const rules = storeOf({ ...own, seed }, { shared: { share, armedAt: performance.now() - since } });
  const bus = new EventBus();
  const sender = sendEvents(bus, tells, post);
  return { ...(await openProxy(own, io, rules, bus, plan)), sender };
}

interface Orders {
  readonly plan: Promise<WorkerPlan>;
  /** When to stop, and the grace. */
  readonly drain: Promise<number>;
  /** @param hurry called when it was said again: there is no more time */
  onHurry(hurry: () => void): void;
}

/** What the first process says, whenever it does. */
function receive(): Orders {
  let plan = (_plan: WorkerPlan): void => {};
  let drain = (_graceMs: number): void => {};
  let draining = false;
  let hurry = (): void => {};
  const hurried = new Promise<void>((resolve) => {
    hurry = resolve;
  });
  process.on('message', (message: ToWorker) => {
    if (message.type === 'plan') plan(message.plan);
    else if (draining) hurry();
    else {
      draining = true;
      drain(message.graceMs);
    }
  });
  return {
    plan: new Promise((resolve) => {
      plan = resolve;
    }),
    drain: new Promise((resolve) => {
      drain = resolve;
    }),
    onHurry: (then) => void hurried.then(then),
  };
}

function post(message: FromWorker): void {
  void send(message);
}

/** Resolves when it is on its way; if the first process is gone, nobody needs it any more. */
function send(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

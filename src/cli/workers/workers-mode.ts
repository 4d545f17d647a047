/**
 * `--workers`: this process starts the others and serves no call itself. It makes the CA, draws the seed, shows, records
 * and sums up. Loaded when it is asked for. docs/decisions/0005-workers.md says what is shared out, and why.
 */
import { randomBytes } from 'node:crypto';
import { openAuthority } from '../../ca/authority.ts';
import type { ProxyEvent } from '../../core/events.ts';
import { encodeEvent } from '../../observe/encode-event.ts';
import { addCounts, NO_COUNTS, type Summary } from '../../observe/summary.ts';
import { authorityOptions } from '../certificate-authority.ts';
import type { Mode } from '../mode.ts';
import { readyOf } from '../open-proxy.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { checkWorkers } from './check-workers.ts';
import type { WorkerPlan } from './messages.ts';
import { sendable } from './sent-settings.ts';
import { startWorkers } from './worker-pool.ts';

export const workersMode: Mode = {
  async open(settings, io, rules, bus, record) {
    checkWorkers(settings, rules.armed);
    const { script } = io;
    if (script === undefined) throw new Error('workers need the file of the program');
    const armedAt = process.hrtime.bigint();
    // Made here if need be, so that all workers find the same.
    const ca = await openAuthority(authorityOptions(settings, io));
    // The workers decide by rules of their own: these are for whoever asks what they are.
    rules.attach({ replaceRules: () => {}, sink: bus });
    const of = settings.workers;
    const tells = !settings.quiet ? 'all' : settings.eventLog === undefined ? 'few' : 'recorded';
    const plan: Omit<WorkerPlan, 'share'> = {
      ...{ settings: sendable(settings), seed: rules.current.seed, armedAt, tells },
      ticketSecret: randomBytes(32),
    };
    const counts: Summary[] = [];
    const lost: number[] = [];
    const underWay = Array.from({ length: of }, () => new CallsUnderWay());
    const { listens, pids, failed, drain } = await startWorkers(
      script,
      Array.from({ length: of }, (_, index) => ({ ...plan, share: { index, of } })),
      (message, index) => {
        if (message.type === 'counts') counts[index] = message.counts;
        else if (message.type === 'records') {
          counts[index] = message.counts;
          record(message.lines);
        } else
          for (const event of eventsOf(message.lines)) {
            if (tells === 'all') underWay[index]!.observe(event);
            bus.emit(event);
          }
      },
      ({ index, pid, how, message }) => {
        const at = Date.now();
        const why = `its worker process ${pid} ended (${how})`;
        for (const event of underWay[index]!.cutOff(at, why)) bus.emit(event);
        const notice = { v: 1, type: 'notice', at, code: 'worker-lost', message } as const;
        // The first is what the run ends with, and shown then.
        if (lost.push(pid) === 1) record(encodeEvent(notice));
        else bus.emit(notice);
      },
    );
    return {
      ready: { ...readyOf(listens, ca.certificatePath, rules.current.seed, settings), workers: pids },
      failed,
      ...(tells === 'all' ? {} : { counts: () => counts.reduce(addCounts, NO_COUNTS) }),
      uncounted: () => uncounted(lost, tells),
      close: drain,
    };
  },
};

/** Of a worker that ends by itself, its last words may be lost; and a quiet run does not know what it had under way. */
function uncounted(lost: readonly number[], tells: WorkerPlan['tells']): string | undefined {
  if (lost.length === 0) return undefined;
  const whose = `of ${lost.length === 1 ? 'worker process' : 'worker processes'} ${lost.join(' and ')}`;
  return tells === 'all'
    ? `calls ${whose} in the moment before it was lost`
    : `calls ${whose} that were under way, or ended in the moment before it was lost`;
}

function eventsOf(lines: string): ProxyEvent[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ProxyEvent);
}

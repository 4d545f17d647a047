/** One cell of a table: a client meets a stimulus through a proxy of its own, before the stand-in. */
import { startLab } from '../clients/support/lab.ts';
import type { ClientProcess, Report } from './client-process.ts';
import type { Client } from './clients.ts';
import { PATIENCE_MS, type Stimulus } from './stimulus.ts';

export interface Observation {
  /** What the program saw; undefined while it was still waiting. */
  readonly report: Report | undefined;
  /** Requests that the proxy saw. */
  readonly attempts: number;
  /** From the end of the first attempt to the begin of the second, ms; undefined without a second. */
  readonly gapMs: number | undefined;
  /** Faults of the rule that could not be carried out: there must be none. */
  readonly skipped: readonly string[];
}

export async function observe(
  process: ClientProcess,
  client: Client,
  stimulus: Stimulus,
): Promise<Observation> {
  const { fault, times, timeoutMs } = stimulus;
  const lab = await startLab(
    fault ? [{ name: 'stimulus', fault, ...(times ? { trigger: { first: times } } : {}) }] : [],
  );
  const begins: number[] = [];
  const ends: number[] = [];
  const skipped: string[] = [];
  lab.proxy.bus.subscribe((event) => {
    if (event.type === 'exchange.decided') begins.push(event.at);
    if (event.type === 'exchange.ended') ends.push(event.at);
    if (event.type === 'fault.skipped') skipped.push(event.reason);
  });
  try {
    const call = { way: client.way, url: lab.proxy.url, ...(timeoutMs ? { timeoutMs } : {}) };
    const report = await process.call(call, stimulus.patienceMs ?? PATIENCE_MS);
    const [end] = ends;
    const [, second] = begins;
    return {
      report,
      attempts: begins.length,
      gapMs: end === undefined || second === undefined ? undefined : second - end,
      skipped,
    };
  } finally {
    await lab.close();
  }
}

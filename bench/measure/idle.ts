/** Memory and CPU of a fresh subject that holds many idle connections. */
import type { BenchContext } from '../harness/bench-context.ts';
import { cpuBetween, markCpu, memory } from '../harness/usage.ts';
import type { Reading, Scenario, Subject } from '../model.ts';
import { loadFor, startStation } from './station.ts';

const SETTLE_SECONDS = 2;

/** One round: a fresh process, warmed with a few connections, then all of them. */
export async function idleRound(bench: BenchContext, scenario: Scenario, subject: Subject): Promise<Reading> {
  const station = await startStation(bench, scenario, subject);
  const warm = loadFor(bench, { ...scenario, load: { connections: 16 } }, station);
  const many = loadFor(bench, scenario, station);
  try {
    await warm.ask(`run ${bench.warmSeconds}`);
    await warm.end();
    const pid = station.server!.pid;
    const before = memory(pid).rss;
    const opened = await many.ask('count 1');
    if (opened.requests < scenario.load.connections) {
      throw new Error(`${opened.requests} of ${scenario.load.connections} connections: ${opened.firstError}`);
    }
    await many.ask(`hold ${SETTLE_SECONDS}`);
    const mark = markCpu(pid);
    const held = await many.ask(`hold ${SETTLE_SECONDS}`);
    const spent = cpuBetween(mark, markCpu(pid));
    const { rss } = memory(pid);
    if (held.open < opened.open) throw new Error(`closed ${opened.open - held.open} connections within 4 s`);
    return {
      rss: rss / 1e6,
      rssPerConnection: (rss - before) / 1000 / scenario.load.connections,
      idleCpu: spent / 1e6 / SETTLE_SECONDS,
      errors: opened.errors,
    };
  } finally {
    await warm.end();
    await many.end();
    await station.end();
  }
}

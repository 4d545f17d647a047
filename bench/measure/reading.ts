/** Turns what the load generator counted and what /proc says into a round's reading. */
import type { LoadResult } from '../harness/load.ts';
import type { Memory } from '../harness/usage.ts';
import type { Reading, Scenario } from '../model.ts';

const MIB = 1024 * 1024;
const MB = 1e6;

/** How many units the result holds. */
export function units(scenario: Scenario, result: LoadResult): number {
  if (scenario.unit === 'event') return result.events;
  if (scenario.unit === 'MiB') return (result.bytesUp + result.bytesDown) / MIB;
  return result.requests;
}

export interface Spent {
  /** Nanoseconds of CPU. `proxy` is absent where there is no proxy. */
  readonly proxy: number | undefined;
  readonly load: number;
  readonly upstream: number;
}

/** @param atRest resident bytes before the scenario's first request */
export function reading(
  scenario: Scenario,
  result: LoadResult,
  spent: Spent,
  memory: Memory | undefined,
  atRest: number,
): Reading {
  const count = units(scenario, result);
  const ms = (ns: number): number => ns / 1e6;
  return {
    ...(spent.proxy === undefined ? {} : { cpu: spent.proxy / 1000 / count }),
    throughput: count / (result.ns / 1e9),
    p50: ms(result.latency.p50),
    p99: ms(result.latency.p99),
    firstByte: ms(result.firstByte.p50),
    ...(result.delay.count > 0 ? { delayP50: ms(result.delay.p50), delayP99: ms(result.delay.p99) } : {}),
    ...(memory === undefined
      ? {}
      : { rss: memory.rss / MB, rssPeak: memory.peak / MB, rssGrowth: (memory.peak - atRest) / MB }),
    ...(scenario.load.resume ? { resumed: result.offered > 0 ? result.resumed / result.offered : 0 } : {}),
    loadCpu: spent.load / result.ns,
    upstreamCpu: spent.upstream / result.ns,
    errors: result.errors,
  };
}

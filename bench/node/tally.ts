/** What a worker of the stand-in load generator counts, and how several workers' counts become one result. */
import type { LoadResult, Percentiles } from '../harness/load.ts';

export interface Tally {
  requests: number;
  errors: number;
  firstError: string;
  opened: number;
  offered: number;
  resumed: number;
  open: number;
  events: number;
  bytesUp: number;
  bytesDown: number;
  listeningAt: number;
  latency: number[];
  firstByte: number[];
  delay: number[];
}

export function emptyTally(): Tally {
  return {
    requests: 0,
    errors: 0,
    firstError: '',
    opened: 0,
    offered: 0,
    resumed: 0,
    open: 0,
    events: 0,
    bytesUp: 0,
    bytesDown: 0,
    listeningAt: 0,
    latency: [],
    firstByte: [],
    delay: [],
  };
}

function percentiles(lists: readonly number[][]): Percentiles {
  const all = Float64Array.from(lists.flat()).sort();
  const at = (share: number): number => all[Math.max(0, Math.ceil(share * all.length) - 1)] ?? 0;
  return { count: all.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** @param ns the command's duration */
export function resultOf(tallies: readonly Tally[], ns: number, endedAt: number): LoadResult {
  const sum = (pick: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + pick(tally), 0);
  return {
    ns,
    endedAt,
    requests: sum((tally) => tally.requests),
    errors: sum((tally) => tally.errors),
    firstError: tallies.find((tally) => tally.firstError)?.firstError ?? '',
    opened: sum((tally) => tally.opened),
    offered: sum((tally) => tally.offered),
    resumed: sum((tally) => tally.resumed),
    open: sum((tally) => tally.open),
    events: sum((tally) => tally.events),
    bytesUp: sum((tally) => tally.bytesUp),
    bytesDown: sum((tally) => tally.bytesDown),
    listeningAt: Math.max(...tallies.map((tally) => tally.listeningAt)),
    latency: percentiles(tallies.map((tally) => tally.latency)),
    firstByte: percentiles(tallies.map((tally) => tally.firstByte)),
    delay: percentiles(tallies.map((tally) => tally.delay)),
  };
}

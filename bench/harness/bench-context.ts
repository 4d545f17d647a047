/** What a run carries through its measures. */
import type { Lab } from '../model.ts';
import type { Machinery } from './native.ts';

export interface BenchContext {
  readonly lab: Lab;
  readonly machinery: Machinery;
  /** Process id of the upstream, to see whether it is the bottleneck. */
  readonly upstreamPid: number;
  /** Seconds of a measured round, and of warming up a fresh process. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly quick: boolean;
  /** Start the product with Node's profiler. */
  readonly profile: boolean;
  /** Count instructions in place of time. */
  readonly instructions: boolean;
}

/** Rounds of steady work on a running subject: requests for a time, or so many per connection. */
import type { BenchContext } from '../harness/bench-context.ts';
import { placeOnCores } from '../harness/cores.ts';
import type { LoadCommand, LoadGenerator, LoadResult } from '../harness/load.ts';
import { cpuBetween, forgetPeak, markCpu, memory } from '../harness/usage.ts';
import type { Reading, Scenario, Subject } from '../model.ts';
import { reading } from './reading.ts';
import { loadFor, type Station, startStation } from './station.ts';

/** Seconds of requests before each round: reopens what was closed while others had their turn, and warms caches. */
const PREPARE_SECONDS = 0.1;

/**
 * Requests, or paced events, after which a subject counts as warm, and how often the warm-up time is spent at most to get there.
 * Compilers work by the number of calls: on a busy machine, or with a handshake in every call, a fixed time is not enough.
 */
const WARM = { keptAlive: 20_000, fresh: 6_000, events: 40_000, times: 8, timesQuick: 3 };

export class SteadyWork {
  readonly #bench: BenchContext;
  readonly #scenario: Scenario;
  readonly #station: Station;
  readonly #load: LoadGenerator;
  #atRest = 0;

  private constructor(bench: BenchContext, scenario: Scenario, station: Station) {
    this.#bench = bench;
    this.#scenario = scenario;
    this.#station = station;
    this.#load = loadFor(bench, scenario, station);
  }

  /** Starts and warms a subject. Rejects where it cannot do the scenario's work. */
  static async start(bench: BenchContext, scenario: Scenario, subject: Subject): Promise<SteadyWork> {
    const work = new SteadyWork(bench, scenario, await startStation(bench, scenario, subject));
    try {
      work.#place();
      await work.#warm();
      return work;
    } catch (error) {
      await work.end();
      throw error;
    }
  }

  #place(): void {
    const { load } = this.#scenario;
    placeOnCores(load.poll === true, this.#station.server?.pid, [this.#load.pid, this.#bench.upstreamPid]);
  }

  async #warm(): Promise<void> {
    const { drive, load } = this.#scenario;
    // Large bodies: memory is judged against a process that has served small calls, so these come first.
    if (this.#scenario.unit === 'MiB') await this.#smallCalls();
    const pid = this.#station.server?.pid;
    if (pid !== undefined) {
      this.#atRest = memory(pid).rss;
      forgetPeak(pid);
    }
    const { warmSeconds } = this.#bench;
    const first = await this.#load.ask(drive.kind === 'count' ? 'count 1' : `run ${warmSeconds}`);
    if (first.errors > load.connections || first.requests === 0)
      throw new Error(first.firstError || 'no answer');
    const times = this.#bench.quick ? WARM.timesQuick : WARM.times;
    if (drive.kind !== 'run') {
      const paced = this.#scenario.unit === 'event';
      for (let { events } = first, i = 1; paced && events < WARM.events && i < times; i++)
        events += (await this.#load.ask('count 1')).events;
      return;
    }
    const enough = load.fresh ? WARM.fresh : WARM.keptAlive;
    for (let requests = first.requests, i = 1; requests < enough && i < times; i++) {
      requests += (await this.#load.ask(`run ${warmSeconds}`)).requests;
    }
  }

  async #smallCalls(): Promise<void> {
    const small = { ...this.#scenario, load: { connections: 16 } };
    const load = loadFor(this.#bench, small, this.#station);
    await load.ask(`run ${this.#bench.warmSeconds}`);
    await load.end();
  }

  async #work(): Promise<LoadResult> {
    const { drive } = this.#scenario;
    if (drive.kind !== 'count') {
      await this.#load.ask(`run ${PREPARE_SECONDS}`);
      return this.#measured(`run ${this.#bench.seconds}`);
    }
    return this.#measured(`count ${this.#bench.quick ? drive.quick : drive.each}`);
  }

  #spent = { proxy: undefined as number | undefined, load: 0, upstream: 0 };

  async #measured(command: LoadCommand): Promise<LoadResult> {
    const pids = [this.#station.server?.pid, this.#load.pid, this.#bench.upstreamPid];
    const before = pids.map((pid) => (pid === undefined ? undefined : markCpu(pid)));
    const result = await this.#load.ask(command);
    const [proxy, load, upstream] = pids.map((pid, i) =>
      pid === undefined ? undefined : cpuBetween(before[i]!, markCpu(pid)),
    );
    this.#spent = { proxy, load: load ?? 0, upstream: upstream ?? 0 };
    return result;
  }

  /** One measured round. Rejects when the subject answered nothing. */
  async round(): Promise<Reading> {
    const result = await this.#work();
    if (result.requests === 0) throw new Error(result.firstError || 'no answer');
    const pid = this.#station.server?.pid;
    return reading(
      this.#scenario,
      result,
      this.#spent,
      pid === undefined ? undefined : memory(pid),
      this.#atRest,
    );
  }

  async end(): Promise<void> {
    await this.#load.end();
    await this.#station.end();
  }
}

/** Rounds in which instructions are counted in place of time: `npm run bench -- --instructions`. */
import type { BenchContext } from '../harness/bench-context.ts';
import { Counted } from '../harness/callgrind.ts';
import type { LoadGenerator } from '../harness/load.ts';
import { type Reading, type Scenario, type Subject, Unavailable } from '../model.ts';
import { loadFor, type Station, startStation } from './station.ts';

/** Requests until the compilers have done their work, and in a round. */
const CALLS = { keptAlive: { warm: 100_000, round: 20_000 }, fresh: { warm: 9000, round: 1000 } };
const QUICK = 0.2;

export class InstructionWork {
  readonly #scenario: Scenario;
  readonly #station: Station;
  readonly #counted: Counted;
  readonly #load: LoadGenerator;

  private constructor(scenario: Scenario, station: Station, counted: Counted, load: LoadGenerator) {
    this.#scenario = scenario;
    this.#station = station;
    this.#counted = counted;
    this.#load = load;
  }

  /** Starts and warms a subject. Rejects where it cannot be counted, or cannot do the scenario's work. */
  static async start(bench: BenchContext, scenario: Scenario, subject: Subject): Promise<InstructionWork> {
    if (scenario.drive.kind !== 'run' || scenario.unit !== 'request')
      throw new Unavailable('instructions are counted per request');
    let counted: Counted | undefined;
    const station = await startStation(bench, scenario, subject, (launch, name) => {
      counted = new Counted(name, launch);
      return counted.launch;
    });
    if (counted === undefined) throw new Unavailable('has no process');
    const work = new InstructionWork(scenario, station, counted, loadFor(bench, scenario, station));
    try {
      await work.#calls(work.#volume.warm * (bench.quick ? QUICK : 1));
      return work;
    } catch (error) {
      await work.end();
      throw error;
    }
  }

  async round(): Promise<Reading> {
    const pid = this.#station.server!.pid;
    this.#counted.begin(pid);
    const { requests, errors } = await this.#calls(this.#volume.round);
    return { instructions: this.#counted.end(pid) / requests, errors };
  }

  async end(): Promise<void> {
    await this.#load.end();
    await this.#station.end();
  }

  get #volume(): { warm: number; round: number } {
    return this.#scenario.load.fresh ? CALLS.fresh : CALLS.keptAlive;
  }

  async #calls(count: number): Promise<{ requests: number; errors: number }> {
    const result = await this.#load.ask(`count ${Math.ceil(count / this.#scenario.load.connections)}`);
    if (result.requests === 0) throw new Error(result.firstError || 'no answer');
    return result;
  }
}

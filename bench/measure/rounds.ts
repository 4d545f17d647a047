/** Interleaves the rounds of a scenario's subjects: A B C, C B A, A B C … with fresh processes from time to time. */
import type { BenchContext } from '../harness/bench-context.ts';
import type { Reading, Scenario, Subject } from '../model.ts';
import type { Options } from '../options.ts';
import { idleRound } from './idle.ts';
import { InstructionWork } from './instructions.ts';
import { startRound } from './start.ts';
import { SteadyWork } from './steady.ts';

export interface ScenarioOutcome {
  readonly scenario: Scenario;
  /** One slot per round; a hole where the subject sat out. */
  readonly readings: Map<string, (Reading | undefined)[]>;
  /** Why a subject was not run, or not to the end. */
  readonly missing: Map<string, string>;
}

interface Plan {
  readonly scenario: Scenario;
  readonly subjects: readonly Subject[];
  /** Subjects that go on after `rounds` until `pairedRounds`, for gates tighter than 10 %. */
  readonly paired: ReadonlySet<string>;
}

/** Something that can be asked for a round. */
interface Worker {
  round(): Promise<Reading>;
  end(): Promise<void>;
}

async function worker(bench: BenchContext, scenario: Scenario, subject: Subject): Promise<Worker> {
  if (bench.instructions) return InstructionWork.start(bench, scenario, subject);
  const { kind } = scenario.drive;
  if (kind === 'run' || kind === 'count') return SteadyWork.start(bench, scenario, subject);
  const round = kind === 'idle' ? idleRound : startRound;
  return { round: () => round(bench, scenario, subject), end: async () => {} };
}

class Interleaving {
  readonly outcome: ScenarioOutcome;
  readonly #bench: BenchContext;
  readonly #plan: Plan;
  readonly #options: Options;
  #workers = new Map<string, Worker>();

  constructor(bench: BenchContext, plan: Plan, options: Options) {
    this.#bench = bench;
    this.#plan = plan;
    this.#options = options;
    this.outcome = { scenario: plan.scenario, readings: new Map(), missing: new Map() };
  }

  #give(subject: Subject, reason: unknown): void {
    const why = (reason instanceof Error ? reason.message : String(reason))
      .replaceAll(/\s+/g, ' ')
      .slice(0, 300);
    console.error(`  ${subject.name}: not run: ${why}`);
    this.outcome.missing.set(subject.name, why);
  }

  async #round(round: number, subject: Subject): Promise<void> {
    try {
      let at = this.#workers.get(subject.name);
      if (at === undefined) {
        at = await worker(this.#bench, this.#plan.scenario, subject);
        this.#workers.set(subject.name, at);
      }
      const slots = this.outcome.readings.get(subject.name) ?? [];
      slots[round] = await at.round();
      this.outcome.readings.set(subject.name, slots);
    } catch (error) {
      this.#give(subject, error);
      await this.#workers.get(subject.name)?.end();
      this.#workers.delete(subject.name);
    }
  }

  async #endWorkers(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((one) => one.end()));
    this.#workers = new Map();
  }

  /** Every subject of a generation stands before its first round, so that no start disturbs a neighbour's round. */
  async #startAll(subjects: readonly Subject[]): Promise<void> {
    for (const subject of subjects) {
      try {
        this.#workers.set(subject.name, await worker(this.#bench, this.#plan.scenario, subject));
      } catch (error) {
        this.#give(subject, error);
      }
    }
  }

  async run(): Promise<ScenarioOutcome> {
    const { rounds, pairedRounds, roundsPerProcess } = this.#options;
    const last = this.#plan.paired.size > 0 ? Math.max(rounds, pairedRounds) : rounds;
    try {
      for (let round = 0; round < last; round++) {
        const subjects = this.#plan.subjects.filter(
          ({ name }) => !this.outcome.missing.has(name) && (round < rounds || this.#plan.paired.has(name)),
        );
        if (round % roundsPerProcess === 0 || round === rounds) {
          await this.#endWorkers();
          await this.#startAll(subjects);
        }
        const order = round % 2 === 0 ? subjects : subjects.toReversed();
        for (const subject of order) {
          if (this.#workers.has(subject.name)) await this.#round(round, subject);
        }
        process.stderr.write('.');
      }
    } finally {
      process.stderr.write('\n');
      await this.#endWorkers();
    }
    return this.outcome;
  }
}

/** Runs a scenario to its end. Never rejects because of a subject: that one is then among `missing`. */
export function runScenario(bench: BenchContext, plan: Plan, options: Options): Promise<ScenarioOutcome> {
  return new Interleaving(bench, plan, options).run();
}

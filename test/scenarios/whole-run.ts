/** A scenario from its first phase to its last, at a small time scale, with a real client making calls all the time. */

import { parseDuration } from '../../src/core/duration.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import type { Scenario, ScenarioPhase } from '../../src/core/scenarios/scenario.ts';
import { phaseOfRule, rulesOfScenario } from '../../src/core/scenarios/scenario-rules.ts';
import type { ClientCall, ClientProcess, Report } from '../behaviour/client-process.ts';
import { type Lab, startLab } from '../clients/support/lab.ts';

/** Ways of the programs in `test/behaviour/programs`, one caller each. */
const WAYS = ['whole', 'raw', 'helper'];
/** The shortest phase lasts so many times the patience. */
const SHORTEST = 3;
/**
 * Where a busy machine missed a phase or an error, or made so few calls in a phase that chance let all of them pass, the
 * scenario runs once more, slower and with more patience.
 */
const SLOWER = [1, 4, 16];
/** Calls that must have been decided in the last phase, which has no end; more where it is the only one. */
const ENOUGH = 12;
const ENOUGH_OF_ONE = 60;
/** A scenario with one phase runs so many times faster at first. */
const PACE_OF_ONE = 50;

/** What became of a phase. */
export interface PhaseCount {
  /** Calls that it decided on. */
  readonly calls: number;
  /** Times that a fault of it took hold, of connections and in the middle of streams too. */
  readonly applied: number;
  /** Calls that ended in an answer of the proxy's. */
  readonly injected: number;
}

export interface WholeRun {
  /** As the events tell them, in their order. */
  readonly phases: readonly string[];
  readonly counts: ReadonlyMap<string, PhaseCount>;
  /** Errors that the client's program saw, as `OverloadedError 529`. */
  readonly errors: ReadonlySet<string>;
  /** A call with the client's own retries once the last phase has come. */
  readonly last: Report | undefined;
}

export interface RunOptions {
  /** What takes longer is given up: a caller must be free to see the next phase. */
  readonly patienceMs: number;
  /** Errors that the program must see. */
  readonly must: readonly string[];
  /** See {@link ClientCall}. */
  readonly pad?: number | undefined;
}

/** Runs a scenario whole: until its last phase was seen, at a scale at which no phase is missed. */
export async function wholeRun(
  client: ClientProcess,
  scenario: Scenario,
  options: RunOptions,
): Promise<WholeRun> {
  const lengths = scenario.phases.flatMap((phase) => (phase.for ? [parseDuration(phase.for)!] : []));
  const shortest = lengths.length === 0 ? undefined : Math.min(...lengths);
  let run: WholeRun | undefined;
  for (const times of SLOWER) {
    const patienceMs = options.patienceMs * times;
    const timeScale = shortest === undefined ? times / PACE_OF_ONE : (SHORTEST * patienceMs) / shortest;
    run = await runOnce(client, scenario, timeScale, { ...options, patienceMs });
    const { phases, counts, errors } = run;
    if (
      new Set(phases).size === scenario.phases.length &&
      scenario.phases.every((phase) => passes(phase) || counts.get(phase.name)!.applied > 0) &&
      options.must.every((one) => errors.has(one))
    )
      break;
  }
  return run!;
}

/** Does every call pass in this phase? */
export function passes({ rules }: ScenarioPhase): boolean {
  return rules.every(({ pass }) => pass);
}

async function runOnce(
  client: ClientProcess,
  scenario: Scenario,
  timeScale: number,
  { pad, patienceMs }: RunOptions,
): Promise<WholeRun> {
  const lab = await startLab(rulesOfScenario(scenario), { timeScale });
  const log = new PhaseLog(scenario, lab);
  const errors = new Set<string>();
  const call = (way: string, more: Partial<ClientCall>, patience: number) =>
    client.call({ way, url: lab.proxy.url, keep: true, ...more }, patience);
  try {
    const callers = WAYS.map(async (way) => {
      while (!log.done) {
        const error = (await call(way, { ...(pad ? { pad } : {}), retries: 0 }, patienceMs))?.error;
        if (error) errors.add(`${error.name}${error.status === null ? '' : ` ${error.status}`}`);
      }
    });
    await Promise.all(callers);
    const last = await call('whole', {}, 15_000);
    return { phases: log.phases, counts: log.counts, errors, last };
  } finally {
    await lab.close();
  }
}

/** Reads the events as an event log would hold them. */
class PhaseLog {
  readonly phases: string[] = [];
  readonly counts = new Map<string, { calls: number; applied: number; injected: number }>();
  readonly #scenario: Scenario;
  readonly #deciding = new Map<number, string>();

  constructor(scenario: Scenario, lab: Lab) {
    this.#scenario = scenario;
    for (const { name } of scenario.phases) this.counts.set(name, { calls: 0, applied: 0, injected: 0 });
    lab.proxy.bus.subscribe((event) => this.#read(event));
  }

  get done(): boolean {
    return (
      this.#count(this.#scenario.phases.at(-1)!.name).calls >=
      (this.#scenario.phases.length === 1 ? ENOUGH_OF_ONE : ENOUGH)
    );
  }

  #read(event: ProxyEvent): void {
    switch (event.type) {
      case 'connection.decided':
        // Calls of the connection are decided by other rules.
        if (event.rule !== null) this.#enter(event.rule);
        break;
      case 'exchange.decided': {
        const phase = this.#enter(event.rule ?? 'none');
        this.#deciding.set(event.exchange, phase);
        this.#count(phase).calls++;
        break;
      }
      case 'fault.applied':
        this.#count(phaseOfRule(event.rule, this.#scenario) ?? 'none').applied++;
        break;
      case 'exchange.ended':
        if (event.cause === 'injected') this.#count(this.#deciding.get(event.exchange) ?? 'none').injected++;
        break;
    }
  }

  /** The phase that a rule belongs to; `none`, which no scenario declares, where it is none of its rules. */
  #enter(rule: string): string {
    const phase = phaseOfRule(rule, this.#scenario) ?? 'none';
    if (this.phases.at(-1) !== phase) this.phases.push(phase);
    return phase;
  }

  #count(phase: string): { calls: number; applied: number; injected: number } {
    let count = this.counts.get(phase);
    if (count === undefined) this.counts.set(phase, (count = { calls: 0, applied: 0, injected: 0 }));
    return count;
  }
}

/** Repeats the decisions of a recorded run: triggers and limits are not asked, the recording is. */
import type { ExchangeDecided } from '../events.ts';
import type { Phase } from '../facts.ts';
import { Problem } from '../problem.ts';
import type { Moment, Trigger } from '../triggers/trigger.ts';
import type { CompiledTrigger } from '../triggers/trigger-spec.ts';
import { compileRules, type RuleEnv } from './compile.ts';
import type { FaultMemory } from './compile-fault.ts';
import { UNLIMITED } from './limits.ts';
import type { ArmedRules } from './rule-set.ts';

/** Where a rule fired, and which faults it had there, where the recording tells. */
type Fired = Map<number, readonly string[] | undefined>;

/** Rules of faults that a request named itself (`app/request-faults.ts`): no file holds them, the client repeats them. */
const REQUESTED = /^request(?:\.|$)/;

/** What a replay needs of an `exchange.decided` or a `connection.decided` event. */
export interface RecordedDecision
  extends Pick<ExchangeDecided, 'rule' | 'nth' | 'ordinal'>,
    Partial<Pick<ExchangeDecided, 'faults'>> {
  /** What was decided on; a call by default. Calls and connections are counted apart. */
  readonly phase?: Phase;
}

export interface ReplayOptions {
  /**
   * What a recorded decision is found by. `nth` (default): the rule and its number of the match, so that calls may
   * come in another order as long as each rule sees the same ones. `ordinal`: the number of the call, or the connection.
   */
  readonly by?: 'nth' | 'ordinal';
}

/**
 * Rules that fire exactly where they fired in the recording, and pass where it ends. Rolls and draws come from the
 * seed, as they did; a fault with a memory is told whether it made a difference to the call when that was recorded.
 * Rules of connections repeat theirs likewise, as long as the client opens its connections alike.
 *
 * @param specs the rules of the recorded run, with its seed in `env`
 * @throws Problem when the recording names a rule that `specs` does not have
 */
export function replayRules(
  specs: readonly unknown[],
  env: RuleEnv,
  recorded: Iterable<RecordedDecision>,
  { by = 'nth' }: ReplayOptions = {},
): ArmedRules {
  const fired: Record<Phase, Map<string, Fired>> = { connection: new Map(), exchange: new Map() };
  for (const { phase = 'exchange', rule, nth, ordinal, faults } of recorded) {
    if (rule === null) continue;
    const numbers: Fired = fired[phase].get(rule) ?? new Map();
    fired[phase].set(rule, numbers.set(by === 'nth' ? nth : ordinal, faults));
  }
  const rules = compileRules(specs, env);
  for (const name of [...fired.connection.keys(), ...fired.exchange.keys()]) {
    if (REQUESTED.test(name) || rules.rules.some((rule) => rule.name === name)) continue;
    throw new Problem(
      'bad-rule',
      `the recording was made with a rule ${name} that is not among these rules: replay it with the file that it was recorded with`,
    );
  }
  for (const rule of rules.rules) {
    const numbers: Fired = fired[rule.phase].get(rule.name) ?? new Map();
    let faults: readonly string[] | undefined;
    const trigger = recordedTrigger(numbers.keys(), by, (number) => {
      faults = numbers.get(number);
    });
    const kinds = rule.outcomes.flatMap((outcome) => outcome.faults.map(({ kind }) => kind));
    const memories = rule.runtime.memories.map(
      // A trigger that fires is followed at once by the steps of its rule.
      (memory, i) => memory && repeating(memory, () => faults?.includes(kinds[i]!)),
    );
    rule.runtime = { ...rule.runtime, trigger, limits: UNLIMITED, memories };
  }
  return rules;
}

/** Tells a memory what it did when it was recorded. */
function repeating(memory: FaultMemory, recorded: () => boolean | undefined): FaultMemory {
  return {
    ...memory,
    step: (context) => {
      const did = recorded();
      return memory.step(did === undefined ? context : { ...context, recorded: did });
    },
  };
}

/**
 * Fires where the recording says so.
 *
 * @param fires called with each number at which it does
 */
function recordedTrigger(
  fired: Iterable<number>,
  by: 'nth' | 'ordinal',
  fires: (number: number) => void,
): CompiledTrigger {
  const numbers = new Set(fired);
  let last = 0;
  for (const number of numbers) last = Math.max(last, number);
  const numberOf = (moment: Moment): number => (by === 'nth' ? moment.nth : moment.ordinal);
  const trigger: Trigger = {
    fires: (moment) => {
      const number = numberOf(moment);
      if (!numbers.has(number)) return false;
      fires(number);
      return true;
    },
    couldFire: (index) => numbers.has(index),
    explain: () => 'as recorded',
    why: (moment) =>
      numbers.has(numberOf(moment))
        ? 'as recorded'
        : numberOf(moment) > last
          ? 'its recording ends before'
          : 'it did not act here when recorded',
  };
  return {
    ...trigger,
    timed: false,
    needsBody: false,
    always: false,
    shareable: false,
    counted: true,
    draws: false,
    horizon: { until: last, period: 1 },
  };
}

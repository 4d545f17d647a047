/** From a scenario to the rules that make it so: each phase is a window of time, each rule is named after its phase. */
import { durationFromMs, parseDuration } from '../duration.ts';
import type { RuleSpec } from '../rules/spec.ts';
import type { PhaseRule, Scenario, ScenarioPhase } from './scenario.ts';

/** A phase and its place in time, in written milliseconds after the first call. */
export interface TimedPhase {
  readonly phase: ScenarioPhase;
  readonly from: number;
  /** Infinity for the last. */
  readonly to: number;
}

/** The phases, one after the other. */
export function timeline(scenario: Scenario): readonly TimedPhase[] {
  let from = 0;
  return scenario.phases.map((phase) => {
    const to = phase.for === undefined ? Number.POSITIVE_INFINITY : from + parseDuration(phase.for)!;
    const timed = { phase, from, to };
    from = to;
    return timed;
  });
}

/**
 * The rules of a scenario, as they could stand in a rules file, named `<scenario>.<phase>` or
 * `<scenario>.<phase>.<part>`: events, log and marker tell the phase by that name. Put rules of your own before them.
 *
 * @example compileRules([...mine, ...rulesOfScenario(overloadBurst)], { seed: '42', messages: 'real' })
 */
export function rulesOfScenario(scenario: Scenario): readonly RuleSpec[] {
  return timeline(scenario).flatMap((timed) =>
    timed.phase.rules.map((rule, index) => ruleOf(scenario, timed, rule, index === 0)),
  );
}

function ruleOf(
  scenario: Scenario,
  { phase, from, to }: TimedPhase,
  { part, when, trigger, ...action }: PhaseRule,
  first: boolean,
): RuleSpec {
  const timed = from > 0 || Number.isFinite(to);
  const window = {
    ...(from > 0 ? { from: durationFromMs(from) } : {}),
    ...(phase.for === undefined ? {} : { for: phase.for }),
    since: 'first-call' as const,
  };
  const own = trigger === undefined || trigger === 'always' ? {} : trigger;
  const whole = { ...(timed ? { window } : {}), ...own };
  return {
    name: [scenario.name, phase.name, part].filter(Boolean).join('.'),
    ...(first ? { description: phase.summary } : {}),
    ...(when === undefined ? {} : { when }),
    ...(Object.keys(whole).length === 0 ? {} : { trigger: whole }),
    ...action,
  };
}

/** The phase that a rule of the scenario belongs to, by its name; undefined for any other rule. */
export function phaseOfRule(rule: string, scenario: Scenario): string | undefined {
  const [name, phase] = rule.split('.');
  return name === scenario.name ? scenario.phases.find((one) => one.name === phase)?.name : undefined;
}

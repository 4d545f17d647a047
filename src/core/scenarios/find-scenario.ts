/** Scenarios by name: for flags, files and programs. */
import { Problem } from '../problem.ts';
import { didYouMean } from '../rules/nearest.ts';
import type { RuleSpec } from '../rules/spec.ts';
import { scenarios } from './all.ts';
import type { Scenario } from './scenario.ts';
import { rulesOfScenario } from './scenario-rules.ts';

/** What is wrong with a name, in a sentence; undefined when nothing is. */
export function scenarioFlaw(name: string): string | undefined {
  const names = scenarios.map((scenario) => scenario.name);
  if (names.includes(name)) return undefined;
  const guess = didYouMean(name, names) || ` There are ${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`;
  return `there is no scenario ${JSON.stringify(name)}.${guess}`;
}

/** @throws Problem `bad-option` with the nearest name */
export function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new Problem('bad-option', scenarioFlaw(name)!);
}

/**
 * The rules of a built-in scenario, to be put behind rules of your own (the first that fires wins).
 *
 * @throws Problem `bad-option` with the nearest name
 * @example
 * const rules = compileRules(scenarioRules('overload-burst'), { seed: '42', messages: 'real', timeScale: 0.1 });
 */
export function scenarioRules(name: string): readonly RuleSpec[] {
  return rulesOfScenario(findScenario(name));
}

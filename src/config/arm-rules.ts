/** From settings to rules that decide; what is wrong with a rule is told with its place in the file. */

import { Problem } from '../core/problem.ts';
import { compileRules, type RuleEnv } from '../core/rules/compile.ts';
import { type RecordedDecision, replayRules } from '../core/rules/replay.ts';
import { pathText, RulesProblem } from '../core/rules/rule-problem.ts';
import type { ArmedRules } from '../core/rules/rule-set.ts';
import type { Settings } from './settings.ts';

/**
 * Compiles the rules of a run.
 *
 * @param seed the settings' seed, or the one that was drawn
 * @throws Problem `bad-rule` with one sentence per flaw, each with line and column
 */
export function armRules(settings: Settings, seed: string): ArmedRules {
  const { rules, messages, timeScale } = settings;
  return compilerOf(settings)(rules, { seed, messages, timeScale, armedAt: performance.now() });
}

/**
 * What compiles the rules of these settings.
 *
 * @param recorded decisions to repeat instead of asking triggers and limits
 * @returns throws Problem `bad-rule` with one sentence per flaw, each with line and column
 */
export function compilerOf(
  settings: Pick<Settings, 'position'>,
  recorded?: readonly RecordedDecision[],
): (rules: readonly unknown[], env: RuleEnv) => ArmedRules {
  return (rules, env) => {
    try {
      return recorded === undefined ? compileRules(rules, env) : replayRules(rules, env, recorded);
    } catch (error) {
      if (!(error instanceof RulesProblem) || settings.position === undefined) throw error;
      const { position } = settings;
      throw new Problem(
        'bad-rule',
        error.issues
          .map(({ path, message }) => `${position(['rules', ...path])}: ${pathText(path)}: ${message}`)
          .join('\n'),
        { cause: error },
      );
    }
  };
}

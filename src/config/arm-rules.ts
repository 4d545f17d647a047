/** From settings to rules that decide; what is wrong with a rule is told with its place in the file. */

import { faultCatalogue } from '../core/faults/catalogue.ts';
import { faultPresets } from '../core/faults/presets.ts';
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
 * @param recorded decisions to repeat instead of asking triggers and limits
 * @param shared where several processes arm the same rules: which calls are numbered here, and when time began
 * @throws Problem `bad-rule` with one sentence per flaw, each with line and column
 */
export function armRules(
  settings: Settings,
  seed: string,
  recorded?: readonly RecordedDecision[],
  shared: Pick<RuleEnv, 'share' | 'armedAt'> = {},
): ArmedRules {
  const env = {
    seed,
    messages: settings.messages,
    timeScale: settings.timeScale,
    // Time zero is now, not the first call (ruling 33); the engine's clock is the same.
    armedAt: performance.now(),
    library: { catalogue: faultCatalogue, presets: faultPresets },
    ...shared,
  };
  try {
    return recorded === undefined
      ? compileRules(settings.rules, env)
      : replayRules(settings.rules, env, recorded);
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
}

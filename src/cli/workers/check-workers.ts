/** What several processes cannot do together is refused, with the cure, before any of them is started. */
import { FLAT_RULE_NAME } from '../../config/flat-rule.ts';
import type { Settings } from '../../config/settings.ts';
import { Problem } from '../../core/problem.ts';
import type { ArmedRules } from '../../core/rules/rule-set.ts';
import { whyNotShareable } from '../../core/rules/shareable.ts';
import { isOfScenario } from '../scenario-sentences.ts';

/** @throws Problem `bad-option` */
export function checkWorkers(settings: Settings, { rules }: ArmedRules): void {
  const { origin } = settings;
  const workers = origin.get('workers') ?? '--workers';
  if (settings.watch)
    throw new Problem(
      'bad-option',
      `${origin.get('watch')} does not go with ${workers}, since a change cannot reach all processes at once: leave one of them out`,
    );
  if (settings.replay !== undefined)
    throw new Problem(
      'bad-option',
      `${origin.get('replay')} does not go with ${workers}, since the system chooses which process gets a call: leave one of them out`,
    );
  if (settings.flat.maxErrors !== undefined)
    throw new Problem(
      'bad-option',
      `${origin.get('max_errors')} counts the errors of the whole run, and the processes of ${workers} share no memory: leave one of them out`,
    );
  for (const rule of rules) {
    const why = whyNotShareable(rule);
    if (why === undefined) continue;
    const ofScenario = isOfScenario(rule.name, settings);
    const cure = ofScenario
      ? 'take a scenario without phases, such as flaky'
      : 'let the rule fire always, with a probability or by time since the start';
    throw new Problem(
      'bad-option',
      `${placeOf(settings, rule.index, ofScenario || rule.name === FLAT_RULE_NAME)}rule ${rule.name} needs one process, as ${why}, and the processes of ${workers} share no memory: leave ${workers} out, or ${cure}`,
    );
  }
}

/** `aep.yaml:3:5: `; nothing for a rule that no file holds. */
function placeOf(settings: Settings, index: number, notInFile: boolean): string {
  const place = notInFile ? undefined : settings.position?.(['rules', index]);
  return place === undefined ? '' : `${place}: `;
}

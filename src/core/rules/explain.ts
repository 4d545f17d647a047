/** Rules and decisions in plain sentences: what `check` and `explain` print. */
import { phraseText } from '../phrase.ts';
import { type Decision, faultKinds } from './decision.ts';
import type { CompiledOutcome, CompiledRule } from './rule.ts';
import type { LimitSpec } from './spec.ts';

/**
 * One sentence that says what the rule will do.
 *
 * @example explainRule(rules.rules[0]) // 'default: every call gets http-error (status 429) with probability 0.3.'
 */
export function explainRule(rule: CompiledRule): string {
  const { spec, runtime } = rule;
  const what = rule.phase === 'connection' ? 'connection' : 'call';
  const condition = rule.when.explain();
  const subject = condition === '' ? `every ${what}` : `every ${what} where ${condition}`;
  const when = runtime.trigger.always ? '' : ` ${runtime.trigger.explain()}`;
  return `${rule.name}: ${subject} ${actionText(rule.outcomes)}${when}${limitText(spec.limit)}${
    spec.cooldown === undefined ? '' : `, then not again for ${spec.cooldown}`
  }.`;
}

function actionText(outcomes: readonly CompiledOutcome[]): string {
  if (outcomes.length === 1) return oneAction(outcomes[0]!, 'gets ');
  let below = 0;
  const parts = outcomes.map((outcome) => {
    const share = outcome.upTo - below;
    below = outcome.upTo;
    return `${oneAction(outcome, '')} (${Number((share * 100).toFixed(1))} %)`;
  });
  return `gets one of ${parts.join(', ')}`;
}

function oneAction({ faults }: CompiledOutcome, verb: string): string {
  if (faults.length === 0) return verb === '' ? 'nothing' : 'passes, whatever the rules below say';
  return `${verb}${faults.map(({ label }) => label).join(' and ')}`;
}

function limitText(limit: LimitSpec | undefined): string {
  if (limit === undefined) return '';
  const { times, concurrent, per = 'rule' } = limit;
  const parts = [
    ...(times === undefined ? [] : [`at most ${times} ${times === 1 ? 'time' : 'times'}`]),
    ...(concurrent === undefined ? [] : [`at most ${concurrent} at one time`]),
  ];
  return `, ${parts.join(' and ')}${per === 'rule' ? '' : ` per ${per}`}`;
}

/** One sentence that says what happens to a call, and why. */
export function explainDecision(decision: Decision): string {
  const why = phraseText(decision.why());
  if (decision.rule === null) return `${why}.`;
  const what = faultKinds(decision).join(' and ');
  const skipped = decision.skipped.map(({ fault, reason }) => `; ${fault} is skipped: ${reason}`).join('');
  return `${why}${what === '' ? '' : `: ${what}`}${skipped}.`;
}

/** What works, but perhaps not as meant: `check` prints it, nothing is refused for it. */
import { excludeEachOther } from '../matchers/algebra.ts';
import { probe } from './probe.ts';
import type { CompiledRule } from './rule.ts';

export interface RuleWarning {
  readonly rule: string;
  /** Position in the file, from 0. */
  readonly index: number;
  /** One sentence. */
  readonly message: string;
}

export function warningsFor(rules: readonly CompiledRule[]): readonly RuleWarning[] {
  return rules.flatMap((rule, i) =>
    [
      spentElsewhere(rule, rules.slice(0, i)),
      dependsOnTime(rule),
      neverActs(rule),
      unnamed(rule, rules),
      notStreamed(rule),
    ]
      .filter((message) => message !== undefined)
      .map((message) => ({ rule: rule.name, index: rule.index, message })),
  );
}

/** A rule counts its matches whoever wins. */
function spentElsewhere(rule: CompiledRule, before: readonly CompiledRule[]): string | undefined {
  if (!rule.runtime.trigger.counted) return undefined;
  const rival = before.find(
    (other) =>
      other.phase === rule.phase &&
      other.index !== rule.index &&
      !excludeEachOther(rule.condition, other.condition),
  );
  if (rival === undefined) return undefined;
  return `it counts every call that it matches, so "${rule.runtime.trigger.explain()}" can be spent on calls that rule ${rival.name} takes first; make their conditions exclude each other, or use limit.times, which counts what the rule does`;
}

/** What depends on time or on calls in flight is not repeated by the seed. */
function dependsOnTime(rule: CompiledRule): string | undefined {
  const reasons = [
    ...(rule.runtime.trigger.timed ? ['its trigger depends on time'] : []),
    ...(rule.spec.cooldown === undefined ? [] : ['cooldown depends on time']),
    ...(rule.spec.limit?.concurrent === undefined ? [] : ['limit.concurrent depends on calls in flight']),
    ...rule.outcomes
      .flatMap(({ faults }) => faults)
      .filter(({ remember }) => remember !== undefined)
      .map(({ kind }) => `what ${kind} does depends on time and on earlier calls`),
  ];
  if (reasons.length === 0) return undefined;
  return `${reasons.join(' and ')}: the same seed does not promise the same decisions; --replay repeats a recorded run`;
}

function neverActs({ spec }: CompiledRule): string | undefined {
  if (spec.limit?.times === 0) return 'limit.times is 0: it never acts';
  if (typeof spec.trigger === 'object' && spec.trigger.probability === 0)
    return 'probability 0: it never fires';
  return undefined;
}

/** A name given by number moves when a rule of the same kind is put before it, and its draws with it. */
function unnamed(
  { spec, name, outcomes, runtime }: CompiledRule,
  rules: readonly CompiledRule[],
): string | undefined {
  const draws = outcomes.length > 1 || runtime.trigger.draws;
  if (spec.name !== undefined || !draws) return undefined;
  const others = rules.some((other) => other.spec !== spec && other.spec.name === undefined);
  if (!others) return undefined;
  return `it is called ${name} for want of a name, and its draws come from that: give it a name, so that adding a rule above does not change them`;
}

function notStreamed({ condition, outcomes }: CompiledRule): string | undefined {
  // Only where it must hold: at the top, not under `any` or `not`.
  const top = condition.op === 'all' ? condition.of : [condition];
  const whole = top.some(
    (part) => part.op === 'is' && part.definition.key === 'stream' && part.params === false,
  );
  if (!whole) return undefined;
  const fault = outcomes
    .flatMap(({ faults }) => faults)
    .find((one) => probe(one).some((effect) => effect.do === 'filter'));
  return (
    fault &&
    `${fault.kind} acts on streamed answers, but the rule asks for \`stream: false\`: it will be skipped`
  );
}

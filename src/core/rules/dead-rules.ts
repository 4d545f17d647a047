/** Finds rules that could never act: a condition that contradicts itself, or an earlier rule that takes every call. */
import { contradictionIn, implies } from '../matchers/algebra.ts';
import type { CompiledRule } from './rule.ts';
import type { RuleIssue } from './rule-problem.ts';

export function findDeadRules(rules: readonly CompiledRule[]): readonly RuleIssue[] {
  const issues: RuleIssue[] = [];
  const told = new Set<number>();
  rules.forEach((rule, i) => {
    if (told.has(rule.index)) return;
    const issue = impossible(rule) ?? shadowed(rule, rules.slice(0, i));
    if (issue === undefined) return;
    told.add(rule.index);
    issues.push(issue);
  });
  return issues;
}

function impossible(rule: CompiledRule): RuleIssue | undefined {
  const reason = contradictionIn(rule.condition);
  if (reason === undefined) return undefined;
  return {
    path: [rule.index, 'when'],
    message: `rule ${rule.name} can never match: ${reason} exclude each other; drop one, or put them under \`any\``,
  };
}

function shadowed(rule: CompiledRule, before: readonly CompiledRule[]): RuleIssue | undefined {
  const by = before.find(
    (other) =>
      other.index !== rule.index &&
      other.phase === rule.phase &&
      actsAlways(other) &&
      implies(rule.condition, other.condition),
  );
  if (by === undefined) return undefined;
  return {
    path: [rule.index],
    message: `rule ${rule.name} can never act: rule ${by.name} above it takes every call that it matches. Move it above ${by.name}, narrow ${by.name}, or delete one of them.`,
  };
}

/** True when the rule acts on each call that it matches. */
export function actsAlways({ runtime, spec }: CompiledRule): boolean {
  return runtime.trigger.always && spec.limit === undefined && spec.cooldown === undefined;
}

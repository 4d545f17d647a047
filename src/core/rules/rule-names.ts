/** Names of the rules: given ones must be unique, the others get kind plus running number (ruling 31). */
import type { RuleIssue } from './rule-problem.ts';
import type { FaultSpec, RuleSpec } from './spec.ts';

/** @param kindOf the kind that a fault has, however it is named */
export function nameRules(
  specs: readonly RuleSpec[],
  kindOf: (fault: FaultSpec) => string,
  issues: RuleIssue[],
): readonly string[] {
  const given = new Map<string, number>();
  specs.forEach(({ name }, i) => {
    if (name === undefined) return;
    const first = given.get(name);
    if (first === undefined) given.set(name, i);
    else {
      issues.push({
        path: [i, 'name'],
        message: `two rules are called ${name} (the other is rule ${first + 1}): their draws and counts would be the same; rename one`,
      });
    }
  });
  const numbers = new Map<string, number>();
  return specs.map((spec) => {
    if (spec.name !== undefined) return spec.name;
    const stem = stemOf(spec, kindOf);
    let number = numbers.get(stem) ?? 0;
    do number++;
    while (given.has(`${stem}-${number}`));
    numbers.set(stem, number);
    return `${stem}-${number}`;
  });
}

function stemOf(spec: RuleSpec, kindOf: (fault: FaultSpec) => string): string {
  if (spec.pass) return 'pass';
  const faults: readonly (FaultSpec | undefined)[] = [
    spec.fault,
    ...(spec.faults ?? []),
    ...(spec.outcomes ?? []).flatMap((outcome) => [outcome.fault, ...(outcome.faults ?? [])]),
  ];
  const first = faults.find((fault) => fault !== undefined);
  if (first === undefined) return 'pass';
  return kindOf(first);
}

/** Names of the rules: given ones must be unique, the others get kind plus running number. */
import type { RuleIssue } from './rule-problem.ts';
import { ruleText } from './rule-text.ts';
import type { FaultSpec, RuleSpec } from './spec.ts';

/** A rule that has a name already. */
interface Named {
  readonly index: number;
  readonly name: string;
  readonly spec: RuleSpec;
}

/**
 * @param kindOf the kind that a fault has, however it is named
 * @param before rules that these take over from: one without a name keeps what it was called among them
 */
export function nameRules(
  specs: readonly RuleSpec[],
  kindOf: (fault: FaultSpec) => string,
  issues: RuleIssue[],
  before: readonly Named[] = [],
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
  const kept = keptNames(specs, before, given);
  const taken = new Set([...given.keys(), ...kept.filter((name) => name !== undefined)]);
  const numbers = new Map<string, number>();
  return specs.map((spec, i) => {
    const name = spec.name ?? kept[i];
    if (name !== undefined) return name;
    const stem = stemOf(spec, kindOf);
    let number = numbers.get(stem) ?? 0;
    do number++;
    while (taken.has(`${stem}-${number}`));
    numbers.set(stem, number);
    return `${stem}-${number}`;
  });
}

/** For each rule without a name the one that a rule of the same text had; the first of several takes the first. */
function keptNames(
  specs: readonly RuleSpec[],
  before: readonly Named[],
  given: ReadonlyMap<string, number>,
): readonly (string | undefined)[] {
  if (before.length === 0) return [];
  const free = new Map<string, string[]>();
  before.forEach(({ index, name, spec }, i) => {
    // A rule of both phases is there twice.
    if (spec.name !== undefined || given.has(name) || before[i - 1]?.index === index) return;
    const text = ruleText(spec);
    free.set(text, [...(free.get(text) ?? []), name]);
  });
  return specs.map((spec) => (spec.name === undefined ? free.get(ruleText(spec))?.shift() : undefined));
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

/** What a rule does: its outcomes, their faults, and whether those can act together and in one phase. */
import type { Phase } from '../facts.ts';
import type { FaultEnv } from '../faults/fault.ts';
import { type CompiledFault, compileFault, type FaultLibrary } from './compile-fault.ts';
import { conflictOf } from './conflicts.ts';
import { probe } from './probe.ts';
import type { CompiledOutcome } from './rule.ts';
import type { RulePath } from './rule-path.ts';
import type { RuleIssue } from './rule-problem.ts';
import type { FaultSpec, RuleSpec } from './spec.ts';

export interface CompiledActions {
  readonly outcomes: readonly CompiledOutcome[];
  /** All faults, by position. */
  readonly faults: readonly CompiledFault[];
  /** Undefined for a rule that only lets calls pass. */
  readonly phase: Phase | undefined;
}

/** Compiles what rule `index` does; adds to `issues` and returns undefined when it cannot. */
export function compileActions(
  spec: RuleSpec,
  index: number,
  library: FaultLibrary,
  env: FaultEnv,
  issues: RuleIssue[],
): CompiledActions | undefined {
  const before = issues.length;
  const all: CompiledFault[] = [];
  const compile = (specs: readonly (readonly [FaultSpec, RulePath])[]): readonly CompiledFault[] => {
    const faults: CompiledFault[] = [];
    for (const [fault, path] of specs) {
      const compiled = compileFault(fault, path, all.length, library, env, issues);
      if (compiled === undefined) continue;
      all.push(compiled);
      faults.push(compiled);
    }
    checkTogether(faults, issues);
    return faults;
  };
  const outcomes: CompiledOutcome[] = [];
  if (spec.outcomes) {
    const total = spec.outcomes.reduce((sum, { weight = 1 }) => sum + weight, 0);
    if (total === 0) {
      issues.push({
        path: [index, 'outcomes'],
        message: 'all weights are 0, so no outcome can happen: give one a weight above 0',
      });
    }
    let upTo = 0;
    spec.outcomes.forEach((outcome, i) => {
      upTo += outcome.weight ?? 1;
      outcomes.push({ upTo: upTo / total, faults: compile(faultsOf(outcome, [index, 'outcomes', i])) });
    });
  } else {
    outcomes.push({ upTo: 1, faults: compile(faultsOf(spec, [index])) });
  }
  checkPhases(all, issues);
  if (issues.length > before) return undefined;
  return { outcomes, faults: all, phase: all[0]?.phase };
}

function faultsOf(
  spec: { fault?: FaultSpec | undefined; faults?: readonly FaultSpec[] | undefined },
  path: RulePath,
): readonly (readonly [FaultSpec, RulePath])[] {
  if (spec.fault !== undefined) return [[spec.fault, [...path, 'fault']]];
  return (spec.faults ?? []).map((fault, i) => [fault, [...path, 'faults', i]]);
}

function checkTogether(faults: readonly CompiledFault[], issues: RuleIssue[]): void {
  const planned = faults.map((fault) => ({ kind: fault.label, effects: probe(fault) }));
  planned.forEach((later, i) => {
    for (const earlier of planned.slice(0, i)) {
      const reason = conflictOf(earlier, later);
      if (reason === undefined) continue;
      issues.push({
        path: faults[i]!.path,
        message: `${reason}. Keep one of them, or choose between them with \`outcomes\`.`,
      });
      return;
    }
  });
}

function checkPhases(faults: readonly CompiledFault[], issues: RuleIssue[]): void {
  const [first] = faults;
  const other = faults.find((fault) => fault.phase !== first?.phase);
  if (first === undefined || other === undefined) return;
  const [connection, exchange] = first.phase === 'connection' ? [first, other] : [other, first];
  issues.push({
    path: other.path,
    message: `${connection.label} acts on a connection, before there is a request, and ${exchange.label} on a request: make two rules of them`,
  });
}

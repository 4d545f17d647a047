/** From what a file says to rules that decide: checks, names, compiles, and refuses what could never work. */

import type { Phase } from '../facts.ts';
import { faultCatalogue } from '../faults/catalogue.ts';
import type { FaultEnv } from '../faults/fault.ts';
import { faultPresets } from '../faults/presets.ts';
import type { MatcherDefinition } from '../matchers/matcher.ts';
import { type Condition, compileCondition, conditionOf, leaves, restOf, scopeOf } from '../matchers/when.ts';
import { murmur3 } from '../murmur3.ts';
import { PROTO_KEY, protoKeyIn } from '../proto-key.ts';
import { createRandom } from '../random.ts';
import { type Share, WHOLE } from '../share.ts';
import { type CompiledTrigger, compileTrigger, neverFires } from '../triggers/trigger-spec.ts';
import { type CompiledActions, compileActions } from './compile-actions.ts';
import { type CompiledFault, type FaultLibrary, kindOf } from './compile-fault.ts';
import { findDeadRules } from './dead-rules.ts';
import { createLimits } from './limits.ts';
import { type MemorySource, ownMemory } from './memory-source.ts';
import { type CompiledRule, saysOf } from './rule.ts';
import type { ScopedRule } from './rule-index.ts';
import { nameRules } from './rule-names.ts';
import { issuesFromZod, type RuleIssue, RulesProblem } from './rule-problem.ts';
import { ArmedRules } from './rule-set.ts';
import { ruleText } from './rule-text.ts';
import { type RuleSpec, ruleSpecSchema } from './spec.ts';

/** What rules are compiled for. */
export interface RuleEnv extends FaultEnv {
  /** A rule may stand where no call reaches it, since what is above it will go. By default that is a flaw. */
  readonly mayWait?: boolean;
  /** Faults and presets that rules may name; the built-in ones by default. */
  readonly library?: FaultLibrary;
  /** Monotonic milliseconds (`clock.now()`) from which times count; the first call by default. */
  readonly armedAt?: number;
  /** Where the rules remember; in this process by default. */
  readonly memory?: MemorySource;
  /** Which matches, calls and connections are numbered here; all of them by default. */
  readonly share?: Share;
  /** The rules that these take over from: a rule without a name that was among them keeps the one it had there. */
  readonly before?: readonly Pick<CompiledRule, 'index' | 'name' | 'spec'>[];
}

const builtIn: FaultLibrary = { catalogue: faultCatalogue, presets: faultPresets };

/**
 * Compiles and arms a list of rules.
 *
 * @param specs as in the file; checked here, whether checked before or not
 * @throws RulesProblem with every issue, each with its path and cure
 * @example
 * const rules = compileRules([{ trigger: { first: 2 }, fault: 'overloaded' }], { seed: '42', messages: 'real' });
 */
export function compileRules(specs: readonly unknown[], env: RuleEnv): ArmedRules {
  const issues: RuleIssue[] = [];
  const checked = checkSpecs(specs, issues);
  const library = env.library ?? builtIn;
  const names = nameRules(checked, (fault) => kindOf(fault, library), issues, env.before);
  const compiled: ScopedRule[] = checked.flatMap((spec, index) =>
    compileRule(spec, index, names[index]!, env, issues),
  );
  if (issues.length === 0 && env.mayWait !== true)
    issues.push(...findDeadRules(compiled.map(({ rule }) => rule)));
  if (issues.length > 0) throw new RulesProblem(issues);
  return arm(compiled, env);
}

function checkSpecs(specs: readonly unknown[], issues: RuleIssue[]): readonly RuleSpec[] {
  const checked = specs.map((spec, index) => {
    const proto = protoKeyIn(spec);
    if (proto) issues.push({ path: [index, ...proto], message: PROTO_KEY });
    const result = ruleSpecSchema.safeParse(spec);
    if (result.success) return result.data;
    issues.push(...issuesFromZod(result.error, [index], ruleSpecSchema));
    return undefined;
  });
  if (issues.length > 0) throw new RulesProblem(issues);
  return checked as RuleSpec[];
}

function compileRule(
  spec: RuleSpec,
  index: number,
  name: string,
  env: RuleEnv,
  issues: RuleIssue[],
): readonly ScopedRule[] {
  const actions = compileActions(spec, index, env.library ?? builtIn, env, issues);
  const condition = conditionOf(spec.when ?? {});
  const trigger = compileTrigger(spec.trigger);
  if (neverFires(trigger)) {
    issues.push({
      path: [index, 'trigger'],
      message: `this rule can never fire (${trigger.explain()}): no call meets all of that at once; loosen one of them`,
    });
  }
  if (actions === undefined) return [];
  return phasesOf(actions, condition).flatMap((phase) => {
    if (phase === 'connection' && !fitsConnection(spec, index, condition, trigger, actions, issues))
      return [];
    return [scoped(spec, index, name, phase, condition, actions, env)];
  });
}

/** A rule that only protects acts wherever its condition can be told. */
function phasesOf(actions: CompiledActions, condition: Condition): readonly Phase[] {
  if (actions.phase !== undefined) return [actions.phase];
  const early = leaves(condition).every(({ definition }) => definition.phase === 'connection');
  return early ? ['connection', 'exchange'] : ['exchange'];
}

function fitsConnection(
  spec: RuleSpec,
  index: number,
  condition: Condition,
  trigger: CompiledTrigger,
  actions: CompiledActions,
  issues: RuleIssue[],
): boolean {
  const fault = actions.faults[0];
  // A rule that only protects simply does not act where it cannot.
  if (fault === undefined) return !trigger.needsBody && spec.limit === undefined;
  const before = issues.length;
  const early = `${fault.label} acts on a connection, before there is a request`;
  for (const leaf of leaves(condition)) {
    if (leaf.definition.phase === 'connection') continue;
    issues.push({
      path: [index, 'when', ...leaf.path],
      message: `${early}, so \`${leaf.definition.key}\` cannot be known: match host, sni or via, or take a fault that acts on a request`,
    });
  }
  if (trigger.needsBody) {
    issues.push({
      path: [index, 'trigger'],
      message: `${early}, so there is no conversation to fire once in: leave once_per out`,
    });
  }
  if (spec.limit?.concurrent !== undefined || (spec.limit?.per ?? 'rule') !== 'rule') {
    issues.push({
      path: [index, 'limit'],
      message: `${early}: only limit.times for the whole rule can be counted; leave concurrent and per out`,
    });
  }
  return issues.length === before;
}

function scoped(
  spec: RuleSpec,
  index: number,
  name: string,
  phase: Phase,
  condition: Condition,
  actions: CompiledActions,
  env: RuleEnv,
): ScopedRule {
  const scope = phase === 'exchange' ? scopeOf(condition) : undefined;
  const rest = phase === 'exchange' ? restOf(condition) : condition;
  const { memory = ownMemory, share = WHOLE } = env;
  const fingerprint = JSON.stringify([env.seed, name, phase, ruleText(spec)]);
  const key = `${name} ${murmur3(new TextEncoder().encode(fingerprint), 0).toString(16)}`;
  const rule: CompiledRule = {
    name,
    index,
    phase,
    spec,
    condition,
    when: compileCondition(condition),
    rest: rest && compileCondition(rest).test,
    says: saysOf(name),
    random: createRandom(env.seed, name),
    outcomes: actions.outcomes,
    fingerprint,
    runtime: {
      matches: memory.counter(`${key} matches`, share),
      firstMatch: 0,
      armedAt: env.armedAt,
      trigger: compileTrigger(spec.trigger, (most) => memory.notes(`${key} once`, most)),
      limits: createLimits(spec.limit, spec.cooldown, memory, key),
      memories: actions.faults.map((fault) => fault.remember?.()),
      lastPlan: undefined,
    },
  };
  return { rule, scope: scope && compileCondition(scope) };
}

function arm(rules: readonly ScopedRule[], env: RuleEnv): ArmedRules {
  const all = rules.map(({ rule }) => rule);
  return new ArmedRules({
    seed: env.seed,
    rules,
    readsBody,
    remembers: all.flatMap(matchersOf).some((definition) => definition.remembers),
    timeScale: env.timeScale ?? 1,
    share: env.share ?? WHOLE,
    memory: env.memory ?? ownMemory,
    needs: {
      body: all.some(readsBody),
      connection: all.some(({ phase }) => phase === 'connection'),
      usage: all.flatMap(faultsOf).some((fault) => fault.readsUsage),
    },
  });
}

function readsBody(rule: CompiledRule): boolean {
  return (
    matchersOf(rule).some((definition) => definition.reads === 'body') ||
    faultsOf(rule).some((fault) => fault.readsBody) ||
    rule.runtime.trigger.needsBody ||
    rule.spec.limit?.per === 'model'
  );
}

function matchersOf({ condition }: CompiledRule): readonly MatcherDefinition[] {
  return leaves(condition).map(({ definition }) => definition);
}

function faultsOf({ outcomes }: CompiledRule): readonly CompiledFault[] {
  return outcomes.flatMap(({ faults }) => faults);
}

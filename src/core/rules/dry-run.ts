/** Decides on made-up calls without a socket, and says of every rule why it did or did not act: `explain`. */
import type { Effect } from '../effect.ts';
import type { RequestFacts } from '../facts.ts';
import { Acted } from './act.ts';
import { compileRules, type RuleEnv } from './compile.ts';
import type { Decision } from './decision.ts';
import { explainDecision } from './explain.ts';
import { type Held, Passed, whyHeld } from './pass-decision.ts';
import type { CompiledRule } from './rule.ts';
import type { ArmedRules } from './rule-set.ts';

export interface DryRunOptions {
  /** Calls to decide on; 1 by default. */
  readonly count?: number;
  /** Milliseconds between two calls; 0 by default, so that triggers by time stay at time zero. */
  readonly intervalMs?: number;
}

/** One call of a dry run. */
export interface DryRunStep {
  readonly ordinal: number;
  readonly rule: string | null;
  readonly nth: number;
  /** Kinds of the faults planned. */
  readonly faults: readonly string[];
  readonly effects: readonly Effect[];
  /** One sentence. */
  readonly why: string;
  /** Every other rule, in order, and why it does not act. */
  readonly others: readonly { readonly rule: string; readonly reason: string }[];
}

/**
 * Decides on the same call several times, with rules armed for that alone. Each call ends before the next begins,
 * with the status that its fault answers, else 200.
 *
 * @throws RulesProblem as `compileRules` does
 */
export function dryRun(
  specs: readonly unknown[],
  env: RuleEnv,
  facts: RequestFacts,
  { count = 1, intervalMs = 0 }: DryRunOptions = {},
): readonly DryRunStep[] {
  const rules = compileRules(specs, { ...env, armedAt: 0 });
  return Array.from({ length: count }, (_, i) => {
    const at = { now: i * intervalMs, wall: i * intervalMs };
    const others = othersOf(rules, facts);
    const decision = rules.decide(facts, at);
    const effects = decision.faults.flatMap((fault) => fault.effects);
    const step: DryRunStep = {
      ordinal: decision.ordinal,
      rule: decision.rule,
      nth: decision.nth,
      faults: decision.faults.map(({ kind }) => kind),
      effects,
      why: explainDecision(decision),
      others: others(decision),
    };
    const respond = effects.find((effect) => effect.do === 'respond');
    const ended = effects.some((effect) => effect.do === 'end' && effect.at !== 'idle');
    rules.settle(
      decision,
      {
        status: respond?.status ?? (ended ? 0 : 200),
        complete: !ended,
        injected: decision.faults.length > 0,
      },
      at,
    );
    return step;
  });
}

/** Asks the conditions before the call is decided, for deciding moves the counters. */
function othersOf(
  rules: ArmedRules,
  facts: RequestFacts,
): (decision: Decision) => readonly { rule: string; reason: string }[] {
  const memory = rules.attempts ?? { attempt: ({ attempt }) => attempt };
  const exchange = rules.rules.filter(({ phase }) => phase === 'exchange');
  const failing = new Map(exchange.map((rule) => [rule, rule.when.failing(facts, memory)]));
  return (decision) => {
    const held: readonly Held[] =
      decision instanceof Passed || decision instanceof Acted ? decision.held : [];
    return exchange
      .filter(({ name }) => name !== decision.rule)
      .map((rule) => ({ rule: rule.name, reason: reasonOf(rule, failing.get(rule), held, decision) }));
  };
}

function reasonOf(
  rule: CompiledRule,
  failing: string | undefined,
  held: readonly Held[],
  decision: Decision,
): string {
  if (failing !== undefined) return failing;
  const one = held.find((other) => other.rule === rule);
  return one ? whyHeld(one) : `rule ${decision.rule}, above it, took the call`;
}

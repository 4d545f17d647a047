/** Decides on made-up calls without a socket, and says of every rule why it did or did not act: `explain`. */
import type { Effect } from '../effect.ts';
import type { Phase, RequestFacts } from '../facts.ts';
import { phraseText } from '../phrase.ts';
import { Acted } from './act.ts';
import { compileRules, type RuleEnv } from './compile.ts';
import { type Decision, faultKinds, type RuleSet } from './decision.ts';
import { type ConnectionStep, connectionOf, connectionStep } from './dry-run-connection.ts';
import { explainDecision } from './explain.ts';
import { type Held, Passed, whyHeld } from './pass-decision.ts';
import type { CompiledRule } from './rule.ts';
import type { ArmedRules } from './rule-set.ts';

export interface DryRunOptions {
  /** Calls to decide on; 1 by default. */
  readonly count?: number;
  /** Milliseconds between two calls; 0 by default, so that triggers by time stay at time zero. */
  readonly intervalMs?: number;
  /** Bounds around the rules (`max_errors`, `only_path`); none by default. */
  readonly within?: (rules: ArmedRules) => RuleSet;
}

/** One call of a dry run. */
export interface DryRunStep {
  /** Number of the call, from 1. */
  readonly call: number;
  /** What became of its connection; absent where no rule acts on connections, or the call comes on an open one. */
  readonly connection?: ConnectionStep;
  /** False when its connection ended before it: no rule of calls was asked. */
  readonly made: boolean;
  /** Number of the call among those that rules look at; 0 where none does. */
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

const NOT_MADE = {
  made: false,
  ordinal: 0,
  rule: null,
  nth: 0,
  faults: [],
  effects: [],
  others: [],
} as const;

/**
 * Decides on the same call several times, with rules armed for that alone. Each call opens a connection of its own,
 * unless it is said to be on a reused one, and ends before the next begins, with the status that its fault answers,
 * else 200.
 *
 * @throws RulesProblem as `compileRules` does
 */
export function dryRun(
  specs: readonly unknown[],
  env: RuleEnv,
  facts: RequestFacts,
  { count = 1, intervalMs = 0, within = (rules) => rules }: DryRunOptions = {},
): readonly DryRunStep[] {
  const armed = compileRules(specs, { ...env, armedAt: 0 });
  const rules = within(armed);
  return Array.from({ length: count }, (_, i) => {
    const at = { now: i * intervalMs, wall: i * intervalMs };
    const call = i + 1;
    const connection = facts.reused ? undefined : connect(armed, rules, facts, at);
    const before = connection ? { call, connection } : { call };
    if (connection?.ends) return { ...before, ...NOT_MADE, why: 'the call is not made.' };
    const others = othersOf(armed, 'exchange', facts);
    const decision = rules.decide(facts, at);
    const effects = decision.faults.flatMap((fault) => fault.effects);
    const step: DryRunStep = {
      ...before,
      made: true,
      ordinal: decision.ordinal,
      rule: decision.rule,
      nth: decision.nth,
      faults: faultKinds(decision),
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
        injected: faultKinds(decision).length > 0,
      },
      at,
    );
    // A made-up call meets whatever is planned for it.
    rules.tookHold?.(decision, faultKinds(decision).length > 0);
    return step;
  });
}

function connect(
  armed: ArmedRules,
  rules: RuleSet,
  call: RequestFacts,
  at: { now: number; wall: number },
): ConnectionStep | undefined {
  if (!armed.needs.connection) return undefined;
  const facts = connectionOf(call);
  const others = othersOf(armed, 'connection', facts as RequestFacts);
  const decision = rules.decideConnection(facts, at);
  const step = connectionStep(decision, facts, others(decision));
  rules.tookHold?.(decision, step.effects.length > 0);
  return step;
}

/** Asks the conditions before it is decided, for deciding moves the counters. */
function othersOf(
  rules: ArmedRules,
  phase: Phase,
  facts: RequestFacts,
): (decision: Decision) => readonly { rule: string; reason: string }[] {
  const memory = rules.attempts ?? { attempt: ({ attempt }) => attempt };
  const looking = rules.rules.filter((rule) => rule.phase === phase);
  const failing = new Map(looking.map((rule) => [rule, rule.when.failing(facts, memory)]));
  const what = phase === 'exchange' ? 'call' : 'connection';
  return (decision) => {
    const held: readonly Held[] =
      decision instanceof Passed || decision instanceof Acted ? decision.held : [];
    const taken = decision.rule === null ? undefined : `rule ${decision.rule}, above it, took the ${what}`;
    return looking
      .filter(({ name }) => name !== decision.rule)
      .flatMap((rule) => {
        // Without any of these it was not asked: bounds decided, and say why themselves.
        const reason = failing.get(rule) ?? heldBack(rule, held) ?? taken;
        return reason === undefined ? [] : [{ rule: rule.name, reason }];
      });
  };
}

function heldBack(rule: CompiledRule, held: readonly Held[]): string | undefined {
  const one = held.find((other) => other.rule === rule);
  return one && phraseText(whyHeld(one));
}

/** Rules that notice whether the engine keeps its word: every decision is settled once, and its hold told once. */
import type { Decision, RuleSet } from '../../src/core/rules/decision.ts';

export interface WatchedRules {
  readonly rules: RuleSet;
  /** What the engine owes them still, or gave twice. */
  wrong(): string[];
}

export function watchedRules(inner: RuleSet): WatchedRules {
  const asked = { calls: 0, settled: 0 };
  /** Decisions that took something of a limit, and how often their hold was told. */
  const holds = new Map<Decision, number>();
  const holding = (decision: Decision): Decision => {
    if (decision.rule !== null) holds.set(decision, 0);
    return decision;
  };
  return {
    rules: {
      seed: inner.seed,
      needs: inner.needs,
      readsBody: (facts) => inner.readsBody?.(facts) ?? true,
      decideConnection: (facts, at) => holding(inner.decideConnection(facts, at)),
      decide: (facts, at) => {
        asked.calls += 1;
        return holding(inner.decide(facts, at));
      },
      settle: (decision, outcome, at) => {
        asked.settled += 1;
        inner.settle(decision, outcome, at);
      },
      tookHold: (decision, did) => {
        holds.set(decision, (holds.get(decision) ?? 0) + 1);
        inner.tookHold?.(decision, did);
      },
    },
    wrong: () => [
      ...(asked.calls === asked.settled
        ? []
        : [`${asked.calls} calls were decided, ${asked.settled} settled`]),
      ...[...holds.values()].filter((told) => told !== 1).map((told) => `a hold was told ${told} times`),
    ],
  };
}

/** `max_errors` and `only_path` over all rules of a file: bounds around a set of rules. */
import type { Instant } from '../core/clock.ts';
import type { ConnectionFacts, RequestFacts } from '../core/facts.ts';
import { compileGlob } from '../core/matchers/glob.ts';
import { type Decision, faultKinds, type Outcome, PASS, type RuleSet } from '../core/rules/decision.ts';

export interface RuleBounds {
  /** After so many injections all calls pass. */
  readonly maxErrors: number | undefined;
  /** Calls to other paths pass, and no rule counts them. */
  readonly onlyPath: string | undefined;
}

/** The rules within their bounds; the very same rules where there are none. */
export function boundRules(rules: RuleSet, bounds: RuleBounds): RuleSet {
  return bounds.maxErrors === undefined && bounds.onlyPath === undefined
    ? rules
    : new BoundedRules(rules, bounds);
}

/** A reload: what was spent of `max_errors` stays spent where the number is the same. */
export function carryBounds(old: RuleSet, next: RuleSet): void {
  if (old instanceof BoundedRules && next instanceof BoundedRules) next.takeOver(old);
}

class BoundedRules implements RuleSet {
  readonly seed: string;
  readonly needs: RuleSet['needs'];
  readonly #rules: RuleSet;
  readonly #mayFail: (path: string) => boolean;
  readonly #otherPath: Decision;
  readonly #spent: Decision;
  #left: number;
  readonly #most: number;

  constructor(rules: RuleSet, { maxErrors, onlyPath }: RuleBounds) {
    this.seed = rules.seed;
    this.needs = rules.needs;
    this.#rules = rules;
    this.#mayFail = onlyPath === undefined ? () => true : compileGlob(onlyPath, 'path');
    this.#otherPath = pass(`only_path: only calls to ${onlyPath} may fail`);
    this.#spent = pass(`max_errors: ${maxErrors} errors were injected, so all calls pass now`);
    this.#most = maxErrors ?? Number.POSITIVE_INFINITY;
    this.#left = this.#most;
  }

  takeOver(old: BoundedRules): void {
    if (old.#most === this.#most) this.#left = old.#left;
  }

  decideConnection(facts: ConnectionFacts, at: Instant): Decision {
    return this.#left > 0 ? this.#counted(this.#rules.decideConnection(facts, at)) : this.#spent;
  }

  decide(facts: RequestFacts, at: Instant): Decision {
    if (!this.#mayFail(facts.path)) return this.#otherPath;
    return this.#left > 0 ? this.#counted(this.#rules.decide(facts, at)) : this.#spent;
  }

  /** Calls that pass whatever they say need not be held. */
  readsBody(facts: RequestFacts): boolean {
    if (this.#left === 0 || !this.#mayFail(facts.path)) return false;
    return this.#rules.readsBody?.(facts) ?? this.needs.body;
  }

  settle(decision: Decision, outcome: Outcome, at: Instant): void {
    // What the rules have not decided, they must not hear of.
    if (decision !== this.#otherPath && decision !== this.#spent) this.#rules.settle(decision, outcome, at);
  }

  #counted(decision: Decision): Decision {
    if (faultKinds(decision).length > 0) this.#left--;
    return decision;
  }
}

function pass(why: string): Decision {
  return Object.freeze({ ...PASS, why: () => why });
}

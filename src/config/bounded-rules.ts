/** `max_errors` and `only_path` over all rules of a file: bounds around a set of rules. */
import type { Instant } from '../core/clock.ts';
import type { ConnectionFacts, RequestFacts } from '../core/facts.ts';
import { compileGlob } from '../core/matchers/glob.ts';
import type { Phrase } from '../core/phrase.ts';
import {
  type Decision,
  faultKinds,
  noRequestId,
  type Outcome,
  PASS,
  type RuleSet,
} from '../core/rules/decision.ts';

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

/** What is left of `max_errors`. A planned error counts at once, so that there are never more; it comes back if nothing of it takes hold. */
class Budget {
  readonly most: number;
  left: number;
  /** Decisions of which it is not known yet whether they take hold. */
  readonly open = new Set<Decision>();

  constructor(most: number) {
    this.most = most;
    this.left = most;
  }

  /** True once no more can come back. */
  get spent(): boolean {
    return this.left === 0 && this.open.size === 0;
  }
}

class BoundedRules implements RuleSet {
  readonly seed: string;
  readonly needs: RuleSet['needs'];
  readonly #rules: RuleSet;
  readonly #mayFail: (path: string) => boolean;
  readonly #otherPath: Decision;
  readonly #spent: Decision;
  /** Shared by the rules before and after a reload. */
  #budget: Budget;

  constructor(rules: RuleSet, { maxErrors, onlyPath }: RuleBounds) {
    this.seed = rules.seed;
    this.needs = rules.needs;
    this.#rules = rules;
    this.#mayFail = onlyPath === undefined ? () => true : compileGlob(onlyPath, 'path');
    this.#otherPath = pass(`only_path: only calls to ${onlyPath} may fail`);
    this.#spent = pass(`max_errors: ${maxErrors} errors were injected, so all calls pass now`);
    this.#budget = new Budget(maxErrors ?? Number.POSITIVE_INFINITY);
  }

  takeOver(old: BoundedRules): void {
    if (old.#budget.most === this.#budget.most) this.#budget = old.#budget;
  }

  decideConnection(facts: ConnectionFacts, at: Instant): Decision {
    return this.#budget.spent ? this.#spent : this.#counted(this.#rules.decideConnection(facts, at));
  }

  decide(facts: RequestFacts, at: Instant): Decision {
    if (!this.#mayFail(facts.path)) return this.#otherPath;
    return this.#budget.spent ? this.#spent : this.#counted(this.#rules.decide(facts, at));
  }

  decideNamed(facts: RequestFacts, named: () => Decision | undefined): Decision | undefined {
    if (!this.#mayFail(facts.path) || this.#budget.spent) return undefined;
    const decision = named();
    return decision && this.#counted(decision);
  }

  /** Calls that pass whatever they say need not be held. */
  readsBody(facts: RequestFacts): boolean {
    if (this.#budget.spent || !this.#mayFail(facts.path)) return false;
    return this.#rules.readsBody?.(facts) ?? this.needs.body;
  }

  settle(decision: Decision, outcome: Outcome, at: Instant): void {
    // What the rules have not decided, they must not hear of.
    if (decision === this.#otherPath || decision === this.#spent) return;
    this.#rules.settle(decision instanceof Withheld ? decision.planned : decision, outcome, at);
  }

  tookHold(decision: Decision, did: boolean): void {
    const budget = this.#budget;
    if (budget.open.delete(decision) && !did) budget.left++;
    if (decision !== this.#spent && !(decision instanceof Withheld)) this.#rules.tookHold?.(decision, did);
  }

  #counted(decision: Decision): Decision {
    if (faultKinds(decision).length === 0) return decision;
    const budget = this.#budget;
    if (budget.left === 0) {
      // The rules have counted the call all the same: their numbers must not depend on what others take their time for.
      this.#rules.tookHold?.(decision, false);
      return new Withheld(decision, budget.most);
    }
    budget.left--;
    if (Number.isFinite(budget.most)) budget.open.add(decision);
    return decision;
  }
}

/** What the rules planned, and may not do while the last of the errors are under way. */
class Withheld implements Decision {
  readonly rule = null;
  readonly nth = 0;
  readonly faults = PASS.faults;
  readonly skipped = PASS.skipped;
  readonly attempt?: number;
  readonly thread?: string;
  readonly planned: Decision;
  readonly #most: number;

  constructor(planned: Decision, most: number) {
    this.planned = planned;
    this.#most = most;
    if (planned.attempt !== undefined) this.attempt = planned.attempt;
    if (planned.thread !== undefined) this.thread = planned.thread;
  }

  get ordinal(): number {
    return this.planned.ordinal;
  }

  requestId(): string {
    return noRequestId();
  }

  writeRequestId(): void {
    noRequestId();
  }

  why(): Phrase {
    return `max_errors: ${this.#most} errors are injected or under way, so this call passes`;
  }
}

function pass(why: string): Decision {
  return Object.freeze({ ...PASS, why: () => why });
}

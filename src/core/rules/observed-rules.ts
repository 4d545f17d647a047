/**
 * Rules, and an observer who asks for bodies: what is needed is what either needs. They decide as they would by
 * themselves; each decision says besides which try of its call it is about, and which conversation the call belongs to.
 */
import type { Instant } from '../clock.ts';
import type { ConnectionFacts, RequestFacts } from '../facts.ts';
import type { Phrase } from '../phrase.ts';
import { AttemptMemory, type Tried } from './attempt-memory.ts';
import type { PlannedFault } from './decision.ts';
import { type Decision, type Outcome, PASS, type RuleSet, type Skip } from './decision.ts';
import { ThreadMemory } from './thread-memory.ts';

/** What an observer's questions need to remember; handed on when the rules change. */
export class ObserverMemory {
  readonly attempts = new AttemptMemory();
  readonly threads = new ThreadMemory();
}

export class ObservedRules implements RuleSet {
  readonly #rules: RuleSet;
  readonly #memory: ObserverMemory;

  constructor(rules: RuleSet, memory: ObserverMemory) {
    this.#rules = rules;
    this.#memory = memory;
  }

  get seed(): string {
    return this.#rules.seed;
  }

  get needs(): RuleSet['needs'] {
    return { ...this.#rules.needs, body: true };
  }

  readsBody(): boolean {
    return true;
  }

  decideConnection(facts: ConnectionFacts, at: Instant): Decision {
    return this.#rules.decideConnection(facts, at);
  }

  decide(facts: RequestFacts, at: Instant): Decision {
    return this.#observed(facts, this.#rules.decide(facts, at));
  }

  decideNamed(facts: RequestFacts, named: () => Decision | undefined): Decision | undefined {
    const decision = this.#rules.decideNamed ? this.#rules.decideNamed(facts, named) : named();
    return decision && this.#observed(facts, decision);
  }

  settle(decision: Decision, outcome: Outcome, at: Instant): void {
    if (decision instanceof Observed) {
      this.#memory.attempts.settle(decision.noted, outcome);
      this.#memory.threads.settle(decision, outcome);
    }
    this.#rules.settle(originalOf(decision), outcome, at);
  }

  tookHold(decision: Decision, did: boolean): void {
    this.#rules.tookHold?.(originalOf(decision), did);
  }

  #observed(facts: RequestFacts, decision: Decision): Observed {
    const { attempts, threads } = this.#memory;
    const noted: Tried = { ...PASS };
    attempts.note(facts, noted);
    threads.note(facts, noted);
    return new Observed(decision, noted, threads.conversationOf(facts));
  }
}

/** A decision, and what it is about. The rules know theirs by its identity: they get it back. */
class Observed implements Decision {
  readonly original: Decision;
  readonly noted: Tried;
  readonly conversation: string | undefined;
  readonly attempt?: number;
  readonly thread?: string;

  constructor(original: Decision, noted: Tried, conversation: string | undefined) {
    this.original = original;
    this.noted = noted;
    this.conversation = conversation;
    const attempt = original.attempt ?? noted.attempt;
    if (attempt !== undefined) this.attempt = attempt;
    const thread = original.thread ?? noted.thread;
    if (thread !== undefined) this.thread = thread;
  }

  get rule(): string | null {
    return this.original.rule;
  }
  get nth(): number {
    return this.original.nth;
  }
  get ordinal(): number {
    return this.original.ordinal;
  }
  get faults(): readonly PlannedFault[] {
    return this.original.faults;
  }
  get skipped(): readonly Skip[] {
    return this.original.skipped;
  }
  requestId(): string {
    return this.original.requestId();
  }
  writeRequestId(out: Uint8Array, at: number): void {
    this.original.writeRequestId(out, at);
  }
  why(): Phrase {
    return this.original.why();
  }
}

function originalOf(decision: Decision): Decision {
  return decision instanceof Observed ? decision.original : decision;
}

/** Remembers calls that failed, so that the next try of the same call is known as such. */
import type { RequestFacts } from '../facts.ts';
import type { Memory } from '../matchers/matcher.ts';
import { murmur3 } from '../murmur3.ts';
import type { Outcome } from './decision.ts';
import { type MemorySource, type Notes, ownMemory } from './memory-source.ts';
import type { OfThread } from './thread-memory.ts';

/** Failed calls remembered; the one longest not tried again is forgotten first. */
const REMEMBERED = 10_000;

/** A decision that carries the try it was made for, until its call has ended. */
export interface Tried extends OfThread {
  attempt?: number;
  /** What tries of this call are remembered under. */
  triedAs?: string;
}

export class AttemptMemory implements Memory {
  readonly #failed: Notes<number>;
  /** Of the call that is being decided: several rules may ask for it. */
  #facts: RequestFacts | undefined;
  #key = '';

  constructor(memory: MemorySource = ownMemory) {
    this.#failed = memory.notes('failed tries', REMEMBERED);
  }

  /** The header's count if it is above 0, else the failed tries with the same key and body before this one. */
  attempt(facts: RequestFacts): number {
    if (facts.attempt > 0) return facts.attempt;
    const key = this.keyOf(facts);
    return key === '' ? 0 : (this.#failed.get(key) ?? 0);
  }

  /** What tries of one call have in common; empty where the body cannot be read. */
  keyOf(facts: RequestFacts): string {
    if (this.#facts !== facts) {
      this.#facts = facts;
      this.#key = facts.body.state === 'held' ? keyOf(facts) : '';
    }
    return this.#key;
  }

  /** Notes on the decision which try it was made for. */
  note(facts: RequestFacts, decision: Tried): void {
    const attempt = this.attempt(facts);
    decision.triedAs = this.keyOf(facts);
    // Without a body to know the call by, a first try is only assumed.
    if (attempt > 0 || decision.triedAs !== '') decision.attempt = attempt;
    this.#facts = undefined;
  }

  /** A call has ended: a failed one makes the next with its key a retry, a good one ends the count. */
  settle(decision: Tried, outcome: Outcome): void {
    const { triedAs: key, attempt = 0 } = decision;
    if (key === undefined || key === '') return;
    const failed = !outcome.complete || outcome.status === 0 || outcome.status >= 400;
    if (failed) this.#failed.set(key, attempt + 1);
    else this.#failed.delete(key);
  }
}

function keyOf(facts: RequestFacts): string {
  const bytes = new TextEncoder().encode(JSON.stringify(facts.body.json));
  return `${facts.client} ${facts.path} ${murmur3(bytes, 0)} ${murmur3(bytes, 1)} ${bytes.length}`;
}

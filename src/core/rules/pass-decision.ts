/** The decision of a call that passes because no rule fired, and what it remembers to say why. */
import { joined, type Phrase, Words } from '../phrase.ts';
import type { Moment } from '../triggers/trigger.ts';
import type { Tried } from './attempt-memory.ts';
import { noRequestId } from './decision.ts';
import { COLON, type CompiledRule } from './rule.ts';

/** A rule that matched the call and yet did not act; or of which it could not be told whether it matches. */
export interface Held {
  readonly rule: CompiledRule;
  /** Undefined where it is not known to match. */
  readonly moment: Moment | undefined;
  /** Why its limit or cooldown held it back, or it could not be told; undefined when its trigger held it back. */
  readonly blocked: string | undefined;
}

const NONE: readonly never[] = Object.freeze([]);

const PASSES = new Words('passes: ');
const NO_MATCH = new Words('passes: the rule does not match');

export class Passed implements Tried {
  attempt?: number;
  triedAs?: string;
  thread?: string;
  readonly rule = null;
  readonly nth = 0;
  readonly ordinal: number;
  readonly faults: readonly never[] = NONE;
  readonly skipped: readonly never[] = NONE;
  readonly held: readonly Held[];
  readonly #rules: number;

  constructor(ordinal: number, held: readonly Held[] | undefined, rules: number) {
    this.ordinal = ordinal;
    this.held = held ?? NONE;
    this.#rules = rules;
  }

  requestId(): string {
    return noRequestId();
  }

  writeRequestId(): void {
    noRequestId();
  }

  why(): Phrase {
    const { held } = this;
    if (held.length > 0) return [PASSES, joined(held.map(whyHeld))];
    return this.#rules === 1 ? NO_MATCH : `passes: none of ${this.#rules} rules matches`;
  }
}

/** `rule a does not fire on its match 7: drew 0.42, fires below 0.3`. */
export function whyHeld({ rule, moment, blocked }: Held): Phrase {
  if (moment === undefined)
    return `rule ${rule.name} does not act, for it cannot be told whether it matches: ${blocked}`;
  const why = blocked ?? rule.runtime.trigger.why(moment);
  return [rule.says.doesNotFire, moment.nth, COLON, why];
}

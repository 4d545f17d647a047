/**
 * What the rules hand to the engine: which call fails, how, and why (or why not).
 * The engine knows this file and `effect.ts`; it never sees a fault, matcher or trigger by name.
 */
import type { Instant } from '../clock.ts';
import type { Effect } from '../effect.ts';
import type { ConnectionFacts, RequestFacts } from '../facts.ts';
import { memoLast } from '../memo-last.ts';
import type { Phrase } from '../phrase.ts';

/** One fault of the rule that fired, compiled to effects. */
export interface PlannedFault {
  /** The fault's kind, e.g. `http-error`; with the rule's name it makes the marker `<rule>/<kind>`. */
  readonly kind: string;
  readonly effects: readonly Effect[];
  /** Nothing goes wrong for the call: its effects, if it has any, only inform. Not counted as a fault. */
  readonly idle?: true;
  /** It wants {@link Outcome.usage}. */
  readonly readsUsage?: true;
}

/** Kinds of the faults that will make a difference; the same list for the same faults, one call after the other. */
export function faultKinds({ faults }: Pick<Decision, 'faults'>): readonly string[] {
  return faults.length === 0 ? NO_KINDS : kindsOf(faults);
}

const NO_KINDS: readonly string[] = Object.freeze([]);

const kindsOf = memoLast((faults: readonly PlannedFault[]): readonly string[] =>
  faults.filter(({ idle }) => !idle).map(({ kind }) => kind),
);

/** A rule that fired but may not act, or a fault of it that cannot: reported, never counted as done. */
export interface Skip {
  readonly rule: string;
  readonly fault: string;
  readonly reason: string;
}

export interface Decision {
  /** Name of the rule that fired; null when the call passes. A `pass: true` rule has a name and no faults. */
  readonly rule: string | null;
  /** Number of requests, from 1, that matched that rule's `when`, this one included; 0 without a rule. */
  readonly nth: number;
  /** Number of this call among all that rules looked at, from 1; 0 where no rule applies to it (`only_path`). */
  readonly ordinal: number;
  readonly faults: readonly PlannedFault[];
  readonly skipped: readonly Skip[];
  /** Which try of one call this is, where a rule asks for it and so remembers failed ones; else what the facts say holds. */
  readonly attempt?: number;
  /** The conversation of a turn of a message thread, where a rule asks for it: then it wants {@link Outcome.messageId}. */
  readonly thread?: string;
  /** The conversation, where an observer asks for it. */
  readonly conversation?: string | undefined;
  /** Request id for an injected answer, from hash(seed, rule, nth). */
  requestId(): string;
  /** The same, its 28 bytes written into `out` from `at` on. */
  writeRequestId(out: Uint8Array, at: number): void;
  /** One sentence: why this rule fired, or why none did. The same whenever it is asked for, also long after the call. */
  why(): Phrase;
}

/** How a call ended, as far as rules with a memory (limits, attempts, rate limits) care. */
export interface Outcome {
  /** Status sent to the client; 0 when no head was sent. */
  readonly status: number;
  /** True when the client got a whole answer. */
  readonly complete: boolean;
  readonly injected: boolean;
  /** `usage` of the answer, where some fault wants it and it could be read (JSON, or SSE as far as it came). */
  readonly usage?: Usage;
  /** Id of the answer's message, where the decision has a `thread` and it could be read. */
  readonly messageId?: string;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
}

/** A set of rules, armed. Replaced whole on reload; a call is decided by one version. */
export interface RuleSet {
  readonly seed: string;
  /** What the engine must collect for these rules; whatever is false costs nothing. */
  readonly needs: {
    /** Some rule reads the request body: hold it (up to 32 MiB) before deciding. */
    readonly body: boolean;
    /** Some rule has a connection phase. */
    readonly connection: boolean;
    /** Some fault wants `Outcome.usage` (rate limits); of which calls, {@link PlannedFault.readsUsage} says. */
    readonly usage: boolean;
  };
  /** With `needs.body`: does some rule read the body of this call? Spares holding bodies of others. */
  readsBody?(facts: RequestFacts): boolean;
  /** Decides on a connection; called once the target's host is known. */
  decideConnection(facts: ConnectionFacts, at: Instant): Decision;
  /** Decides on a request; synchronous, exactly once per exchange. */
  decide(facts: RequestFacts, at: Instant): Decision;
  /**
   * Decides by a fault that the request itself named, where there is one: bounds hold for it as for any other.
   *
   * @param named the decision for the named fault; undefined when its name means nothing
   * @returns undefined when `decide` is to be asked
   */
  decideNamed?(facts: RequestFacts, named: () => Decision | undefined): Decision | undefined;
  /** The call has ended. Called exactly once for each `decide`. */
  settle(decision: Decision, outcome: Outcome, at: Instant): void;
  /**
   * It is known whether any fault of a decision took hold of its call or connection: where none did, what the
   * decision took of limits is given back. Called once for each decision with a rule, mostly as its call ends.
   */
  tookHold?(decision: Decision, did: boolean): void;
}

/** A call that passes gets no answer of ours. */
export function noRequestId(): never {
  throw new Error('a call that passes has no injected request id');
}

/** The decision for traffic that no rule looks at. */
export const PASS: Decision = Object.freeze({
  rule: null,
  nth: 0,
  ordinal: 0,
  faults: Object.freeze([]),
  skipped: Object.freeze([]),
  requestId: noRequestId,
  writeRequestId: noRequestId,
  why: () => 'no rule looks at this call',
});

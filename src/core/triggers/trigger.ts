/**
 * How a condition of `trigger` is written: which of the calls that match a rule fail. One file each, like matchers
 * and faults; validation, editor schema, docs and conformance tests are derived.
 */
import type { z } from 'zod';
import type { Phrase } from '../phrase.ts';
import type { Notes } from '../rules/memory-source.ts';

/** The moment of one match of a rule. */
export interface Moment {
  /** Number of this match, from 1. Draws are made for it. */
  readonly nth: number;
  /** The same, counted after `skip`; 0 or less for those skipped. Counts are compared with it. */
  readonly index: number;
  /** Number of the call among all that the rule set looked at. */
  readonly ordinal: number;
  /** Milliseconds since the rule was armed. */
  readonly now: number;
  /** `now` of the rule's first match. */
  readonly firstMatch: number;
  /** `now` of the first call or connection that any rule looked at, the same for all rules. */
  readonly firstCall: number;
  /** Which conversation the call belongs to; undefined where that cannot be known. */
  readonly conversation: string | undefined;
  /** 0 ≤ x < 1, always the same for one `nth` and lane. */
  draw(nth: number, lane: number): number;
}

/** A trigger with its parameters. It may remember, so each armed rule has one of its own. */
export interface Trigger {
  /** Called in order of `nth`, but not for every `nth`. */
  fires(moment: Moment): boolean;
  /** The rule did act on this call. */
  fired?(moment: Moment): void;
  /** What the rule did on that call has made no difference after all: it may count for another. */
  unfired?(moment: Moment): void;
  /** False only if it can never fire on the match with this index, whatever the draw or the time. */
  couldFire(index: number): boolean;
  /** A clause for people: `for the first 2 calls`. */
  explain(): string;
  /** What decided at this moment: `drew 0.42, fires below 0.3`. May be asked later: the moment alone says it. */
  why(moment: Moment): Phrase;
}

/** From where on `couldFire` repeats itself, so that a rule that can never fire is found out. */
export interface Horizon {
  readonly until: number;
  readonly period: number;
}

/** Makes what a trigger remembers of so many keys. */
export type MakeNotes = (most: number) => Notes<number>;

/** Hands out lanes: draws of different lanes are independent. */
export type NextLane = () => number;

/** One trigger of the catalogue. */
export interface TriggerDefinition<S extends z.ZodType = z.ZodType> {
  /** Key under `trigger`, snake_case. */
  readonly key: string;
  /** One line, says when it fires. */
  readonly summary: string;
  readonly params: S;
  readonly examples: readonly z.input<S>[];
  readonly compile: (params: z.output<S>, lane: NextLane, notes: MakeNotes) => Trigger;
  /** True when it depends on time: outside "same seed, same decisions". */
  readonly timed?: (params: z.output<S>) => boolean;
  readonly horizon?: (params: z.output<S>) => Horizon;
  /** True when it must know the conversation, and so the request's body. */
  readonly needsBody?: boolean;
  /** True when it is no condition on chance or number: the rule fires on every match. */
  readonly always?: (params: z.output<S>) => boolean;
  /**
   * True when a match is decided by its own number and draw and the time since the rules were armed, and so the same
   * whatever process decides it. What is `always` is; nothing else, unless it says so.
   */
  readonly shareable?: (params: z.output<S>) => boolean;
}

/** Declares a trigger; only fixes its types. */
export function defineTrigger<S extends z.ZodType>(definition: TriggerDefinition<S>): TriggerDefinition<S> {
  return definition;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinalText(n: number): string {
  const tens = n % 100;
  const unit = tens >= 11 && tens <= 13 ? 0 : n % 10;
  return `${n}${['th', 'st', 'nd', 'rd'][unit] ?? 'th'}`;
}

/**
 * How a condition of `when` is written: its key, its schema, its example and its behaviour, in one file.
 * Validation, editor schema, docs and conformance tests are derived from it, like those of faults.
 */
import type { z } from 'zod';
import type { ConnectionFacts, Phase, RequestFacts } from '../facts.ts';

/**
 * What a condition says of a call. `undefined`: it cannot tell, because it would have to read a body that was too
 * long or not readable, or would cost too much. A rule acts only on a clear `true`, also under `not`.
 */
export type Verdict = boolean | undefined;

/** What earlier calls left behind, for the conditions that look back; and who hears of what they cannot tell. */
export interface Memory {
  /** 0 for a first try, else how many tries failed before this one. */
  attempt(facts: RequestFacts): number;
  /** A condition would cost too much on this call, and so cannot tell: says why. */
  tooCostly?(why: string): void;
}

export type FactsOf<P extends Phase> = P extends 'connection' ? ConnectionFacts : RequestFacts;

/** A condition with its parameters, ready to be asked. */
export interface Matcher<P extends Phase = 'exchange'> {
  test(facts: FactsOf<P>, memory: Memory): Verdict;
  /** A clause for people: `model matches claude-opus-*`. */
  explain(): string;
}

/** A text of the call without which a condition cannot hold: rules are looked up by it. */
export interface TextIndex {
  /** The same for conditions that hang on the same text: `header x-team`. */
  readonly by: string;
  read(facts: RequestFacts): string | undefined;
  /** False only if the condition cannot hold on a call with this text. */
  admits(text: string | undefined): boolean;
}

/** One condition of the catalogue. */
export interface MatcherDefinition<P extends Phase = Phase, S extends z.ZodType = z.ZodType> {
  /** Key under `when`, snake_case. */
  readonly key: string;
  /** The earliest phase that knows what the condition reads. */
  readonly phase: P;
  /** `scope`: decided by host, port, method and path alone, and so remembered per path; `head`; `body`: holds the request. */
  readonly reads: 'scope' | 'head' | 'body';
  /** True when it asks the memory for earlier attempts. */
  readonly remembers?: boolean;
  /** One line, says when it holds. */
  readonly summary: string;
  /** Input and output are the same: checking twice changes nothing. */
  readonly params: S;
  readonly examples: readonly z.input<S>[];
  readonly compile: (params: z.output<S>) => Matcher<P>;
  /** The text on which the condition hangs, where it hangs on one. */
  readonly index?: (params: z.output<S>) => TextIndex;
  /** True only if every call that `narrow` lets in is let in by `wide`; equal parameters need no answer. */
  readonly covers?: (wide: z.output<S>, narrow: z.output<S>) => boolean;
  /** True only if no call can satisfy both. */
  readonly excludes?: (a: z.output<S>, b: z.output<S>) => boolean;
}

/** Declares a condition; only fixes its types. */
export function defineMatcher<P extends Phase, S extends z.ZodType>(
  definition: MatcherDefinition<P, S>,
): MatcherDefinition<P, S> {
  return definition;
}

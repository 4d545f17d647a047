/**
 * How a fault is written: its schema, its help, its example and its behaviour, in one file.
 * Types, validation, JSON Schema, command-line list, docs and conformance tests are derived from it.
 */
import type { z } from 'zod';
import type { ConnectionEffect, Effect } from '../effect.ts';
import type { ConnectionFacts, Phase, RequestFacts } from '../facts.ts';
import type { Outcome } from '../rules/decision.ts';

/** What a plan may read. Nothing else: no clock, no chance of its own. */
export interface PlanContext<P extends Phase> {
  readonly facts: P extends 'connection' ? ConnectionFacts : RequestFacts;
  /** 0 ≤ x < 1, from hash(seed, rule, nth, lane). Different lanes are independent; the same lane is always the same. */
  draw(lane?: number): number;
  /** Number of requests, from 1, that matched the rule. */
  readonly nth: number;
  /** Monotonic milliseconds since the rules were armed (already scaled by `time_scale`). */
  readonly now: number;
  /** Milliseconds since the Unix epoch. */
  readonly wall: number;
  /** In a replay: whether the fault made a difference to this call when it was recorded. Only faults with a memory need it. */
  readonly recorded?: boolean;
}

/** Settings that are the same for all faults of a rule set. */
export interface FaultEnv {
  readonly seed: string;
  /** `simulated`: `Simulated error: <reason>`; `real`: the API's own wording. */
  readonly messages: 'simulated' | 'real';
  /**
   * 0.1: what is written as 10 s takes 1 s; 1 by default. What a fault plans is scaled for it (`rules/time-scale.ts`),
   * and the clock that it sees too; it needs this only for times that it writes into an answer.
   */
  readonly timeScale?: number;
}

/**
 * What a client is left with where the fault took hold, against what it would have had:
 * the same `timing` apart; another `head`, or `body`; another `answer` in its place; no more of it, since its `connection`
 * ended or never stood; `nothing`, for as long as it waits. A fault that can do several things says what its example does.
 */
export type Changes = 'timing' | 'head' | 'body' | 'answer' | 'connection' | 'nothing';

/** One fault of the catalogue. */
export interface FaultDefinition<P extends Phase = Phase, S extends z.ZodType = z.ZodType> {
  /** Name in a rules file, kebab-case. */
  readonly kind: string;
  readonly phase: P;
  readonly changes: Changes;
  /** One line, imperative. */
  readonly summary: string;
  /** Longer text for the docs, Markdown. */
  readonly details?: string;
  /** Parameters, without `kind`; a strict object. */
  readonly params: S;
  readonly example: z.input<S>;
  /** True when the plan reads `facts.body`, which must then be held before deciding; default: it does not. */
  readonly readsBody?: (params: z.output<S>, env: FaultEnv) => boolean;
  /**
   * Called once when rules are armed; the plan it returns is called per call and must be pure. Where nothing in them
   * changes from call to call, it gives the same effects, as one object: the engine then sorts them once.
   */
  readonly plan: (
    params: z.output<S>,
    env: FaultEnv,
  ) => (context: PlanContext<P>) => readonly (P extends 'connection' ? ConnectionEffect : Effect)[];
}

/** Declares a fault; only fixes its types. */
export function defineFault<P extends Phase, S extends z.ZodType>(
  definition: FaultDefinition<P, S>,
): FaultDefinition<P, S> {
  return definition;
}

/** What a stateful fault does to one call, and what it wants back when the call has ended. */
export interface Step<Ticket> {
  readonly effects: readonly Effect[];
  readonly ticket: Ticket;
  /** Half a sentence for people: why this, now. Built only when asked for. */
  readonly why?: () => string;
}

/** When a call ended; the scales are those of {@link PlanContext}. */
export interface SettledAt {
  readonly now: number;
  readonly wall: number;
}

/**
 * A fault with a memory across calls, such as a rate limit. The memory belongs to the armed rule: it is made, reset
 * and carried over with it, and never lives in module scope. `step` and `settle` may change it in place.
 */
export interface StatefulFaultDefinition<S extends z.ZodType = z.ZodType, State = unknown, Ticket = unknown>
  extends Omit<FaultDefinition<'exchange', S>, 'plan'> {
  /** True when `settle` reads `Outcome.usage`, which must then be read from every answer. */
  readonly readsUsage?: boolean;
  /** The memory of a newly armed rule. */
  readonly init: (params: z.output<S>, env: FaultEnv) => State;
  /** Called once for each call on which the rule fires, in order, synchronously. */
  readonly step: (state: State, context: PlanContext<'exchange'>) => Step<Ticket>;
  /** Called once for each `step`, when its call has ended. */
  readonly settle: (state: State, ticket: Ticket, outcome: Outcome, at: SettledAt) => void;
  /** The memory as the control surface shows it: plain data. */
  readonly show?: (state: State) => unknown;
}

/** Declares a stateful fault; only fixes its types. */
export function defineStatefulFault<S extends z.ZodType, State, Ticket>(
  definition: StatefulFaultDefinition<S, State, Ticket>,
): StatefulFaultDefinition<S, State, Ticket> {
  return definition;
}

/** Whatever a catalogue may hold; parameters are only known by their schema: give `plan` and `init` what `params` parsed. */
export type AnyFaultDefinition = FaultDefinition | StatefulFaultDefinition;

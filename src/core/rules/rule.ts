/** A rule, compiled: what never changes, and beside it the counters that a reload may hand on. */
import type { ConnectionFacts, Phase, RequestFacts } from '../facts.ts';
import type { Memory, Verdict } from '../matchers/matcher.ts';
import type { CompiledCondition, Condition } from '../matchers/when.ts';
import { Words } from '../phrase.ts';
import type { Random } from '../random.ts';
import type { CompiledTrigger } from '../triggers/trigger-spec.ts';
import type { CompiledFault, FaultMemory } from './compile-fault.ts';
import type { PlannedFault } from './decision.ts';
import type { Limits } from './limits.ts';
import type { Counter } from './memory-source.ts';
import type { RuleSpec } from './spec.ts';

/** One way for a rule to act. */
export interface CompiledOutcome {
  /** Upper end of its part of the roll, up to 1. */
  readonly upTo: number;
  /** None: the call passes. */
  readonly faults: readonly CompiledFault[];
}

export interface CompiledRule {
  readonly name: string;
  /** Position in the file, from 0. */
  readonly index: number;
  readonly phase: Phase;
  readonly spec: RuleSpec;
  readonly condition: Condition;
  readonly when: CompiledCondition;
  /** What is left of `when` once host, port, method and path have let the call in; undefined when nothing is. */
  readonly rest: ((facts: RequestFacts | ConnectionFacts, memory: Memory) => Verdict) | undefined;
  readonly says: Says;
  readonly random: Random;
  readonly outcomes: readonly CompiledOutcome[];
  /** Same text: same draws and same behaviour, so a reload may keep the counters. */
  readonly fingerprint: string;
  /** Replaced by `carryOver`. */
  runtime: RuleRuntime;
}

/** What is said of a rule about each call that it matched, up to the number of the match. */
export interface Says {
  readonly fires: Words;
  readonly letsPass: Words;
  readonly doesNotFire: Words;
}

/** @param rule its name */
export function saysOf(rule: string): Says {
  const does = (what: string): Words => new Words(`rule ${rule} ${what} on its match `);
  return {
    fires: does('fires'),
    letsPass: does('lets the call pass'),
    doesNotFire: does('does not fire'),
  };
}

/** Between the number of the match and the reason. */
export const COLON = new Words(': ');

/** Everything about an armed rule that changes. */
export interface RuleRuntime {
  /** Numbers the matches. */
  readonly matches: Counter;
  /** Milliseconds since `armedAt` at the first match. */
  firstMatch: number;
  /** When the rule was armed, on the monotonic clock; undefined until the first call if nobody said so. */
  armedAt: number | undefined;
  readonly trigger: CompiledTrigger;
  readonly limits: Limits;
  /** Memories of stateful faults, by the fault's position. */
  readonly memories: readonly (FaultMemory | undefined)[];
  /** The last plan of a single fault. Most plan the same effects each time: then it serves again, with all that was derived from it. */
  lastPlan: LastPlan | undefined;
}

export interface LastPlan {
  readonly fault: CompiledFault;
  readonly planned: readonly [PlannedFault];
}

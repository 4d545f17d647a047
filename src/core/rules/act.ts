/** A rule acts on a call: its roll, its faults' plans, and the decision that says so. */
import { append } from '../append.ts';
import type { Instant } from '../clock.ts';
import type { Effect } from '../effect.ts';
import type { ConnectionFacts, Phase, RequestFacts } from '../facts.ts';
import type { PlanContext } from '../faults/fault.ts';
import { joined, type Phrase } from '../phrase.ts';
import { PURPOSE, type Random } from '../random.ts';
import type { Moment } from '../triggers/trigger.ts';
import type { Tried } from './attempt-memory.ts';
import type { CompiledFault } from './compile-fault.ts';
import { conflictOf } from './conflicts.ts';
import type { Outcome, PlannedFault, Skip } from './decision.ts';
import type { Held } from './pass-decision.ts';
import { COLON, type CompiledRule, type LastPlan, type RuleRuntime } from './rule.ts';

const NONE: readonly never[] = Object.freeze([]);

/** What a fault's plan may read, in one object per fault. */
class FaultContext implements PlanContext<Phase> {
  readonly facts: RequestFacts;
  readonly nth: number;
  readonly now: number;
  readonly wall: number;
  /** Bound, and its own, for plans that take it out of the context and for copies of it. */
  readonly draw: (lane?: number) => number;

  constructor(facts: ConnectionFacts, moment: Moment, wall: number, random: Random, position: number) {
    // A connection fault is typed to see connection facts only, and the compiler refuses it any request matcher.
    this.facts = facts as RequestFacts;
    this.nth = moment.nth;
    this.now = moment.now;
    this.wall = wall;
    this.draw = (lane = 0) => random.draw(moment.nth, lane, PURPOSE.fault + position);
  }
}

/** A fault's memory that awaits the end of the call. */
interface Open {
  readonly fault: CompiledFault;
  readonly ticket: unknown;
  readonly why: (() => string) | undefined;
}

/** What the faults of a rule plan for one call. */
interface Plan {
  readonly faults: readonly PlannedFault[];
  readonly skipped: readonly Skip[];
  readonly open: readonly Open[];
}

const NO_PLAN: Plan = { faults: NONE, skipped: NONE, open: NONE };

/** The decision of a rule that acts. Keeps what must be given back when the call has ended. */
export class Acted implements Tried {
  attempt?: number;
  triedAs?: string;
  thread?: string;
  readonly rule: string;
  readonly nth: number;
  readonly ordinal: number;
  readonly faults: readonly PlannedFault[];
  readonly skipped: readonly Skip[];
  /** Rules above that matched and did not act. */
  readonly held: readonly Held[];
  readonly #rule: CompiledRule;
  readonly #runtime: RuleRuntime;
  readonly #moment: Moment;
  readonly #key: string;
  readonly #open: readonly Open[];
  /** It was to make a difference, and so counts only if it does. */
  #returnable: boolean;

  constructor(
    rule: CompiledRule,
    ordinal: number,
    moment: Moment,
    key: string,
    held: readonly Held[],
    planned: Plan,
    passes: boolean,
  ) {
    this.rule = rule.name;
    this.nth = moment.nth;
    this.ordinal = ordinal;
    this.faults = planned.faults;
    this.skipped = planned.skipped;
    this.#rule = rule;
    this.#runtime = rule.runtime;
    this.#moment = moment;
    this.#key = key;
    this.#open = planned.open;
    this.held = held;
    this.#returnable = !passes;
  }

  requestId(): string {
    return this.#rule.random.requestId(this.nth);
  }

  writeRequestId(out: Uint8Array, at: number): void {
    this.#rule.random.writeRequestId(this.nth, out, at);
  }

  why(): Phrase {
    const { says } = this.#rule;
    const does = this.faults.every(({ idle }) => idle) ? says.letsPass : says.fires;
    return [does, this.nth, COLON, this.#reasons()];
  }

  #reasons(): Phrase {
    const { trigger } = this.#runtime;
    if (this.#open.length === 0) return trigger.why(this.#moment);
    const memories = this.#open.flatMap(({ why }) => (why ? [why()] : []));
    // That it always fires says nothing beside what a memory has to say.
    const reasons =
      trigger.always && memories.length > 0 ? memories : [trigger.why(this.#moment), ...memories];
    return joined(reasons);
  }

  /** None of its faults took hold: the rule may act in its stead on another call. */
  giveBack(): void {
    if (!this.#returnable) return;
    this.#returnable = false;
    this.#runtime.limits.giveBack(this.#key, this.#moment.now);
    this.#runtime.trigger.unfired?.(this.#moment);
  }

  /** The call has ended. */
  settle(outcome: Outcome, at: Instant, timeScale: number): void {
    this.#runtime.limits.release(this.#key);
    const now = (at.now - (this.#runtime.armedAt ?? at.now)) / timeScale;
    for (const { fault, ticket } of this.#open) {
      this.#runtime.memories[fault.position]?.settle(ticket, outcome, { now, wall: at.wall });
    }
  }
}

/** Lets `rule` act: counts it, rolls its outcome and plans its faults. */
export function act(
  rule: CompiledRule,
  facts: ConnectionFacts,
  moment: Moment,
  key: string,
  ordinal: number,
  at: Instant,
  held: readonly Held[] = NONE,
): Acted {
  const { runtime } = rule;
  runtime.limits.take(key, moment.now);
  runtime.trigger.fired?.(moment);
  const faults = roll(rule, moment.nth);
  const planned = faults.length === 0 ? NO_PLAN : plan(rule, faults, facts, moment, at.wall);
  return new Acted(rule, ordinal, moment, key, held, planned, faults.length === 0);
}

function roll(rule: CompiledRule, nth: number): readonly CompiledFault[] {
  const { outcomes } = rule;
  if (outcomes.length === 1) return outcomes[0]!.faults;
  const x = rule.random.draw(nth, 0, PURPOSE.outcome);
  return (outcomes.find((outcome) => x < outcome.upTo) ?? outcomes[outcomes.length - 1]!).faults;
}

function plan(
  rule: CompiledRule,
  faults: readonly CompiledFault[],
  facts: ConnectionFacts,
  moment: Moment,
  wall: number,
): Plan {
  let planned: PlannedFault[] | undefined;
  let skipped: Skip[] | undefined;
  let open: Open[] | undefined;
  for (const fault of faults) {
    const context = new FaultContext(facts, moment, wall, rule.random, fault.position);
    try {
      const memory = rule.runtime.memories[fault.position];
      const step = memory?.step(context as PlanContext<'exchange'>);
      if (step) {
        open = append(open, { fault, ticket: step.ticket, why: step.why });
      }
      const one: PlannedFault = step
        ? remembering(fault, step.effects)
        : { kind: fault.kind, effects: fault.plan!(context) };
      const conflict = planned && firstConflict(planned, one);
      if (conflict !== undefined) skipped = append(skipped, skipOf(rule, fault, conflict));
      else planned = append(planned, one);
    } catch (error) {
      const reason = `its plan failed: ${error instanceof Error ? error.message : String(error)}`;
      skipped = append(skipped, skipOf(rule, fault, reason));
    }
  }
  if (planned?.length === 1 && faults.length === 1)
    return { faults: asBefore(rule.runtime, faults[0]!, planned[0]!), skipped: NONE, open: open ?? NONE };
  return { faults: planned ?? NONE, skipped: skipped ?? NONE, open: open ?? NONE };
}

function skipOf(rule: CompiledRule, fault: CompiledFault, reason: string): Skip {
  return { rule: rule.name, fault: fault.kind, reason };
}

/** A fault with a memory may only look, this time. */
function remembering({ kind, readsUsage }: CompiledFault, effects: readonly Effect[]): PlannedFault {
  const idle = effects.every((effect) => effect.do === 'head' && effect.informs === true);
  return { kind, effects, ...(idle ? { idle } : {}), ...(readsUsage ? { readsUsage } : {}) };
}

function firstConflict(planned: readonly PlannedFault[], one: PlannedFault): string | undefined {
  for (const earlier of planned) {
    const reason = conflictOf(earlier, one);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function asBefore(runtime: RuleRuntime, fault: CompiledFault, planned: PlannedFault): LastPlan['planned'] {
  const last = runtime.lastPlan;
  if (last?.fault === fault && last.planned[0].effects === planned.effects) return last.planned;
  runtime.lastPlan = { fault, planned: [planned] };
  return runtime.lastPlan.planned;
}

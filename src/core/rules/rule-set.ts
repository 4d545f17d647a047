/**
 * Decides: the first rule that matches and fires wins. Every rule counts every call that it matches, whoever wins,
 * so that its draws never depend on its neighbours. All of it runs in one tick.
 */
import { append } from '../append.ts';
import type { Instant } from '../clock.ts';
import type { ConnectionFacts, Phase, RequestFacts } from '../facts.ts';
import type { Memory } from '../matchers/matcher.ts';
import { beforeFirst, type Share } from '../share.ts';
import type { Moment } from '../triggers/trigger.ts';
import { Acted, act } from './act.ts';
import { AttemptMemory } from './attempt-memory.ts';
import { type Decision, type Outcome, PASS, type RuleSet } from './decision.ts';
import type { Counter, MemorySource } from './memory-source.ts';
import { type Held, Passed } from './pass-decision.ts';
import type { CompiledRule } from './rule.ts';
import { RuleIndex, type ScopedRule } from './rule-index.ts';
import { ThreadMemory } from './thread-memory.ts';

/** What conditions are asked with: the attempts, where some rule wants them, and an ear for what they cannot tell. */
class Asking implements Memory {
  attempts: AttemptMemory | undefined;
  doubt: string | undefined;

  attempt(facts: RequestFacts): number {
    return this.attempts ? this.attempts.attempt(facts) : facts.attempt;
  }

  tooCostly(why: string): void {
    this.doubt ??= why;
  }
}

/** What changes about a rule. */
export interface RuleState {
  readonly rule: string;
  readonly phase: Phase;
  readonly matches: number;
  /** What its faults remember. */
  readonly memories: readonly unknown[];
}

/** Numbers the calls and the connections that some rule looks at. */
export interface Counts extends Readonly<Record<Phase, Counter>> {
  /** When the first of them came, on the monotonic clock. */
  firstCallAt: number | undefined;
}

export class ArmedRules implements RuleSet {
  readonly seed: string;
  readonly needs: RuleSet['needs'];
  /** All rules, in order. */
  readonly rules: readonly CompiledRule[];
  /** Shared with the rules that take over at a reload: calls that these still hold are counted with the others. */
  counts: Counts;
  /** Undefined where no rule asks for attempts: then nothing is hashed. Handed on by `carryOver`. */
  attempts: AttemptMemory | undefined;
  /** Undefined where no rule asks for conversations. Handed on by `carryOver`. */
  threads: ThreadMemory | undefined;
  readonly #index: RuleIndex;
  readonly #connection: readonly CompiledRule[];
  readonly #timeScale: number;
  readonly #share: Share;
  readonly #asking = new Asking();
  #armed = false;

  constructor(options: {
    readonly seed: string;
    readonly needs: RuleSet['needs'];
    readonly rules: readonly ScopedRule[];
    readonly readsBody: (rule: CompiledRule) => boolean;
    /** Some rule asks for attempts. */
    readonly remembers: boolean;
    readonly timeScale: number;
    readonly share: Share;
    readonly memory: MemorySource;
  }) {
    this.seed = options.seed;
    this.needs = options.needs;
    this.rules = options.rules.map(({ rule }) => rule);
    this.#index = new RuleIndex(
      options.rules.filter(({ rule }) => rule.phase === 'exchange'),
      options.readsBody,
    );
    this.#connection = this.rules.filter(({ phase }) => phase === 'connection');
    const { memory, share } = options;
    this.attempts = options.remembers ? new AttemptMemory(memory) : undefined;
    this.threads = this.rules.some(({ runtime }) => runtime.trigger.needsBody)
      ? new ThreadMemory(memory)
      : undefined;
    this.#timeScale = options.timeScale;
    this.#share = share;
    this.counts = {
      exchange: memory.counter('calls', share),
      connection: memory.counter('connections', share),
      firstCallAt: undefined,
    };
  }

  decideConnection(facts: ConnectionFacts, at: Instant): Decision {
    if (this.#connection.length === 0) return PASS;
    // A rule of this phase has connection matchers only, which read no request fact.
    return this.#choose(this.#connection, facts as RequestFacts, this.counts.connection.next(), at);
  }

  decide(facts: RequestFacts, at: Instant): Decision {
    const kind = this.#index.kindOf(facts);
    if (!kind.ruled) return PASS;
    const decision = this.#choose(kind.candidates(facts), facts, this.counts.exchange.next(), at);
    this.attempts?.note(facts, decision);
    this.threads?.note(facts, decision);
    return decision;
  }

  /** Whether deciding on a call with this head will read its body: false spares the engine holding it. */
  readsBody(facts: RequestFacts): boolean {
    return this.needs.body && this.#index.kindOf(facts).readsBody;
  }

  /** Counters and memories, as plain data, for the control surface. */
  show(): readonly RuleState[] {
    return this.rules.map(({ name, phase, runtime }) => ({
      rule: name,
      phase,
      matches: (runtime.matches.last - beforeFirst(this.#share)) / this.#share.of,
      memories: runtime.memories.flatMap((memory) => (memory ? [memory.show()] : [])),
    }));
  }

  settle(decision: Decision, outcome: Outcome, at: Instant): void {
    this.attempts?.settle(decision, outcome);
    this.threads?.settle(decision, outcome);
    if (decision instanceof Acted) decision.settle(outcome, at, this.#timeScale);
  }

  tookHold(decision: Decision, did: boolean): void {
    if (!did && decision instanceof Acted) decision.giveBack();
  }

  #choose(rules: readonly CompiledRule[], facts: RequestFacts, ordinal: number, at: Instant): Acted | Passed {
    if (!this.#armed) this.#arm(at);
    const firstCallAt = this.counts.firstCallAt!;
    const asking = this.#asking;
    asking.attempts = this.attempts;
    const step = this.#share.of;
    let winner: Acted | undefined;
    let held: Held[] | undefined;
    for (const rule of rules) {
      if (rule.rest !== undefined) {
        asking.doubt = undefined;
        const verdict = rule.rest(facts, asking);
        if (verdict === undefined && asking.doubt !== undefined && winner === undefined)
          held = append(held, { rule, moment: undefined, blocked: asking.doubt });
        if (verdict !== true) continue;
      }
      const { runtime } = rule;
      const nth = runtime.matches.next();
      const now = (at.now - runtime.armedAt!) / this.#timeScale;
      if (nth <= step) runtime.firstMatch = now;
      if (winner !== undefined) continue;
      const moment: Moment = {
        nth,
        index: nth,
        ordinal,
        now,
        firstMatch: runtime.firstMatch,
        firstCall: (firstCallAt - runtime.armedAt!) / this.#timeScale,
        conversation: runtime.trigger.needsBody ? this.threads?.conversationOf(facts) : undefined,
        draw: rule.random.draw,
      };
      if (!runtime.trigger.fires(moment)) {
        held = append(held, { rule, moment, blocked: undefined });
        continue;
      }
      const key = runtime.limits.keyOf(facts);
      const blocked = runtime.limits.blocked(key, now);
      if (blocked === undefined) winner = act(rule, facts, moment, key, ordinal, at, held);
      else held = append(held, { rule, moment, blocked });
    }
    return winner ?? new Passed(ordinal, held, this.rules.length);
  }

  /** Time zero of the rules that were not told theirs is the first call. */
  #arm(at: Instant): void {
    this.#armed = true;
    this.counts.firstCallAt ??= at.now;
    for (const { runtime } of this.rules) runtime.armedAt ??= at.now;
  }
}

/**
 * Tells the event stream what happens to one call, and keeps the numbers that go into it. Every planned fault is told
 * as applied or as skipped, never as both: what was told neither way is told as skipped when the call ends.
 */
import type { Clock, Instant } from '../../core/clock.ts';
import type { Effect } from '../../core/effect.ts';
import type { Cause, EndedHow, EventSink } from '../../core/events.ts';
import type { RequestFacts } from '../../core/facts.ts';
import type { Problem } from '../../core/problem.ts';
import {
  type Decision,
  type Outcome,
  PASS,
  type PlannedFault,
  type Usage,
} from '../../core/rules/decision.ts';
import { inStreamError } from '../problems/proxy-errors.ts';
import type { RequestRoute } from '../request/request-route.ts';
import { DecidedEvent } from './decided-event.ts';

export class CallReporter {
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #exchange: number;
  readonly #connection: number;
  readonly #startedAt: number;
  #over = false;
  #decision: Decision = PASS;
  /** Faults that were told: mostly it is one. */
  #told: PlannedFault | undefined;
  #alsoTold: Set<PlannedFault> | undefined;
  /** Why an effect of a fault that has several did not act; told if none of the others does. */
  #reasons: Map<PlannedFault, string> | undefined;
  /** Code of the problem that befell it last. */
  #problem: string | undefined;
  bytesUp = 0;
  bytesDown = 0;
  /** Status sent to the client; 0 before a head. */
  status = 0;
  source: 'injected' | 'upstream' | 'proxy' | 'none' = 'none';
  /** True once any fault took hold. */
  faultApplied = false;

  /** @param startedAt when the request's first byte came, monotonic milliseconds */
  constructor(
    options: { sink: EventSink; clock: Clock },
    exchange: number,
    connection: number,
    startedAt: number,
  ) {
    this.#sink = options.sink;
    this.#clock = options.clock;
    this.#exchange = exchange;
    this.#connection = connection;
    this.#startedAt = startedAt;
  }

  decided(
    decision: Decision,
    place: RequestRoute,
    facts: RequestFacts | undefined,
    tls: boolean,
    method: string,
    at: Instant,
  ): void {
    this.#decision = decision;
    const sink = this.#sink;
    if (!(sink.everyStep || (sink.active && decision.skipped.length > 0))) return;
    sink.emit(
      new DecidedEvent(at.wall, this.#exchange, this.#connection, tls, method, decision, place, facts),
    );
  }

  /** A fault took hold. Once the call is over, this is told of its connection. */
  applied(fault: PlannedFault, effect: string, wall?: number): void {
    this.faultApplied = true;
    this.#tell(fault);
    if (!this.#sink.active) return;
    this.#sink.emit({
      v: 1,
      type: 'fault.applied',
      at: wall ?? this.#clock.wall(),
      exchange: this.#over ? 0 : this.#exchange,
      connection: this.#connection,
      rule: this.#decision.rule ?? '',
      fault: fault.kind,
      effect,
    });
  }

  /** A fault cannot act, or one of its effects: then the others decide if that is told. */
  skipped(fault: PlannedFault, reason: string): void {
    if (this.isTold(fault)) return;
    if (fault.effects.length < 2 || this.#over) {
      this.#skipped(fault, reason);
      return;
    }
    this.#reasons ??= new Map();
    if (!this.#reasons.has(fault)) this.#reasons.set(fault, reason);
  }

  /** True once a fault was told as applied or skipped. */
  isTold(fault: PlannedFault): boolean {
    return this.#told === fault || this.#alsoTold?.has(fault) === true;
  }

  /** @param at the moment that an answer of ours is told for, from its head to its end; by default now */
  headSent(status: number, source: 'injected' | 'upstream' | 'proxy', at?: Instant): void {
    this.status = status;
    this.source = source;
    if (!this.#sink.everyStep) return;
    const { wall, now } = at ?? this.#clock.instant();
    this.#sink.emit({
      v: 1,
      type: 'exchange.head',
      at: wall,
      exchange: this.#exchange,
      status,
      source,
      ms: now - this.#startedAt,
    });
  }

  /** What fails behind the end is a failure of the connection. */
  error(problem: Problem): void {
    this.#problem = problem.code;
    if (!this.#sink.active) return;
    if (this.#over) {
      const { code, message } = problem;
      const at = this.#clock.wall();
      this.#sink.emit({ v: 1, type: 'connection.error', at, connection: this.#connection, code, message });
    } else
      this.#sink.emit({
        v: 1,
        type: 'exchange.error',
        at: this.#clock.wall(),
        exchange: this.#exchange,
        cause: 'natural',
        code: problem.code,
        message: problem.message,
      });
  }

  /**
   * @param failure type of the error that the upstream told in its stream
   * @returns false if the end was told before
   */
  ended(how: EndedHow, cause: Cause | null, at: Instant, failure?: string): boolean {
    if (this.#over) return false;
    for (const fault of this.#decision.faults) if (!this.isTold(fault)) this.#untold(fault, how);
    // A fault that ended the answer came first; a connection that broke off as well says so itself.
    const failed = failure !== undefined && cause !== 'injected' && how !== 'upstream-abort';
    if (failed) this.error(inStreamError(failure));
    this.#over = true;
    if (this.#sink.active)
      this.#sink.emit({
        v: 1,
        type: 'exchange.ended',
        at: at.wall,
        exchange: this.#exchange,
        how,
        cause: cause ?? (failed || this.status >= 400 ? 'natural' : null),
        status: this.status,
        source: this.source,
        bytesUp: this.bytesUp,
        bytesDown: this.bytesDown,
        ms: at.now - this.#startedAt,
      });
    return true;
  }

  /** What the rules are told once it has ended. @param told by the answer, if it was read */
  outcome(
    how: EndedHow,
    told: { readonly usage?: Usage | undefined; readonly messageId?: string | undefined } = {},
  ): Outcome {
    const { status, source } = this;
    const outcome = { status, complete: how === 'complete', injected: source === 'injected' };
    const { usage, messageId } = told;
    if (usage === undefined && messageId === undefined) return outcome;
    return { ...outcome, ...(usage && { usage }), ...(messageId === undefined ? {} : { messageId }) };
  }

  /** A fault that neither acted nor was skipped until the end. */
  #untold(fault: PlannedFault, how: EndedHow): void {
    if (fault.idle || fault.effects.length === 0) return;
    const unanswered = this.source === 'proxy';
    if (how === 'complete' && !unanswered && fault.effects.some(actsAfterwards)) return;
    const reason = this.#reasons?.get(fault);
    if (reason !== undefined) this.#skipped(fault, reason);
    else if (unanswered) this.#skipped(fault, `there was no answer to act on (${this.#problem})`);
    else this.#skipped(fault, NOT_REACHED[how]);
  }

  #tell(fault: PlannedFault): void {
    if (this.#told === undefined) this.#told = fault;
    else if (this.#told !== fault) (this.#alsoTold ??= new Set()).add(fault);
  }

  #skipped(fault: PlannedFault, reason: string): void {
    this.#tell(fault);
    if (!this.#sink.active) return;
    this.#sink.emit({
      v: 1,
      type: 'fault.skipped',
      at: this.#clock.wall(),
      exchange: this.#over ? 0 : this.#exchange,
      connection: this.#connection,
      rule: this.#decision.rule ?? '',
      fault: fault.kind,
      reason,
    });
  }
}

/** Why a fault whose moment did not come did not act. */
const NOT_REACHED: Readonly<Record<EndedHow, string>> = {
  complete: 'the call was over before it could act',
  'client-abort': 'the client left before it could act',
  'upstream-abort': 'the upstream broke off before it could act',
  'fault-end': 'another fault ended the call before it could act',
  shutdown: 'the proxy was stopped before it could act',
  'bad-request': 'the rest of the request was not HTTP that is accepted here',
  'own-failure': 'a bug of this proxy ended the call before it could act',
};

/** It acts when its call has ended well. */
function actsAfterwards(effect: Effect): boolean {
  return effect.do === 'end' && effect.at === 'idle';
}

/** Tells the event stream what happens to one exchange, and keeps the numbers that go into it. */
import type { Clock, Instant } from '../core/clock.ts';
import type { Cause, EndedHow, EventSink } from '../core/events.ts';
import type { RequestFacts } from '../core/facts.ts';
import type { Problem } from '../core/problem.ts';
import type { Decision, Outcome, Usage } from '../core/rules/decision.ts';
import { DecidedEvent } from './decided-event.ts';
import { toldInStream } from './own-failure.ts';
import type { RequestPlace } from './request-place.ts';

export class ExchangeReporter {
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #exchange: number;
  readonly #connection: number;
  readonly #startedAt: number;
  #over = false;
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
    place: RequestPlace,
    facts: RequestFacts | undefined,
    tls: boolean,
    method: string,
    at: Instant,
  ): void {
    const sink = this.#sink;
    if (!(sink.everyStep || (sink.active && decision.skipped.length > 0))) return;
    sink.emit(
      new DecidedEvent(at.wall, this.#exchange, this.#connection, tls, method, decision, place, facts),
    );
  }

  applied(rule: string, fault: string, effect: string, wall?: number): void {
    this.faultApplied = true;
    if (this.#sink.active) this.#applied(this.#exchange, rule, fault, effect, wall ?? this.#clock.wall());
  }

  skipped(rule: string, fault: string, reason: string): void {
    this.#skipped(this.#exchange, rule, fault, reason);
  }

  /** A fault took hold of the connection once the exchange had ended: as of a connection without an exchange. */
  appliedAfterwards(rule: string, fault: string, effect: string): void {
    this.faultApplied = true;
    this.#applied(0, rule, fault, effect, this.#clock.wall());
  }

  skippedAfterwards(rule: string, fault: string, reason: string): void {
    this.#skipped(0, rule, fault, reason);
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

  error(problem: Problem): void {
    if (this.#sink.active)
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
    this.#over = true;
    // A fault that ended the answer came first; a connection that broke off as well says so itself.
    const failed = failure !== undefined && cause !== 'injected' && how !== 'upstream-abort';
    if (failed) this.error(toldInStream(failure));
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

  /** What the rules are told once it has ended. @param usage that the answer told, if it did */
  outcome(how: EndedHow, usage: Usage | undefined): Outcome {
    const { status, source } = this;
    const outcome = { status, complete: how === 'complete', injected: source === 'injected' };
    return usage === undefined ? outcome : { ...outcome, usage };
  }

  #applied(exchange: number, rule: string, fault: string, effect: string, at: number): void {
    if (this.#sink.active)
      this.#sink.emit({
        v: 1,
        type: 'fault.applied',
        at,
        exchange,
        connection: this.#connection,
        rule,
        fault,
        effect,
      });
  }

  #skipped(exchange: number, rule: string, fault: string, reason: string): void {
    if (this.#sink.active)
      this.#sink.emit({
        v: 1,
        type: 'fault.skipped',
        at: this.#clock.wall(),
        exchange,
        connection: this.#connection,
        rule,
        fault,
        reason,
      });
  }
}

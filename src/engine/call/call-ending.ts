/**
 * How a call is answered and ends: `call-state.ts` says in which order, and here is the one path that it takes.
 * answering → answered → told → over; before its time by way of `ending`.
 */
import type { Clock, Instant } from '../../core/clock.ts';
import type { EndHow } from '../../core/effect.ts';
import type { Cause, EndedHow } from '../../core/events.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import type { Problem } from '../../core/problem.ts';
import { type Decision, PASS, type RuleSet } from '../../core/rules/decision.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import type { Services } from '../connection/services.ts';
import { CallReporter } from '../injection/call-reporter.ts';
import type { Injection } from '../injection/injection.ts';
import {
  brokeOffInAnswer,
  proxyErrorAnswer,
  proxyErrorResponse,
  proxyErrorStatus,
} from '../problems/proxy-errors.ts';
import type { RequestFeed } from '../request/request-feed.ts';
import type { RequestRoute } from '../request/request-route.ts';
import { UndecidedRequest } from '../request/undecided-request.ts';
import type { ResponseStage } from '../response/response-stage.ts';
import { endTransport } from '../transport/endings.ts';
import type { Progress } from '../upstream/bound-upstream.ts';
import { progressOf } from './call-progress.ts';
import { type CallState, step } from './call-state.ts';

/** A call from its decision to its end. What comes before, and what its upstream says, is in `call.ts`. */
export abstract class CallEnding {
  readonly id: number;
  readonly services: Services;
  readonly connection: ClientLeg;
  readonly head: RequestHead;
  readonly place: RequestRoute;
  readonly reporter: CallReporter;
  readonly #rules: RuleSet;
  decision: Decision = PASS;
  protected state: CallState = 'reading';
  protected abstract readonly feed: RequestFeed;
  /** Undefined once it was decided, and for calls that no rule is asked about. */
  protected undecided: UndecidedRequest | undefined;
  protected injection: Injection | undefined;
  protected stage: ResponseStage | undefined;
  /** The connection can carry another call, as far as this one's heads say. */
  protected keepAlive = true;
  protected upstreamKeepAlive = false;

  protected constructor(connection: ClientLeg, head: RequestHead, place: RequestRoute, startedAt: number) {
    const { services } = connection;
    this.services = services;
    this.connection = connection;
    this.head = head;
    this.place = place;
    this.id = services.nextCall();
    this.#rules = services.rules;
    this.reporter = new CallReporter(services.options, this.id, connection.context.connection, startedAt);
    if (place.ruled) this.undecided = UndecidedRequest.on(connection, head, place, this.#rules);
  }

  /** The time; what waits on it runs under the connection's guard. */
  get clock(): Clock {
    return this.connection.client.clock;
  }

  /** The request's last byte was read. */
  get requestDone(): boolean {
    return this.feed.complete;
  }

  /** True when a fault keeps the client waiting for ever: whoever leaves then has left. */
  get hung(): boolean {
    return this.injection?.hung === true;
  }

  /** True while the client gets an answer whose end it is told by the end of the connection alone. */
  get endsWithConnection(): boolean {
    return this.stage?.endsWithConnection === true;
  }

  /** Where the call went, which need not be the host that it names. */
  protected get upstreamName(): string {
    const { route, target } = this.place;
    return route?.origin.name ?? target.host;
  }

  get progress(): Progress {
    return progressOf(this.feed, this.injection, this.stage, this.state);
  }

  // --- what the client's connection calls ---

  /** The client's connection is gone, or its sender is. */
  clientGone(): void {
    const injected = this.reporter.faultApplied;
    this.endEarly(injected && this.hung ? 'fault-end' : 'client-abort', injected ? 'injected' : 'natural');
  }

  /** The proxy is being stopped. */
  shutdown(): void {
    this.endEarly('shutdown', 'natural');
  }

  /** The body turned out to be malformed. */
  badRequest(problem: Problem): void {
    if (this.#ended) return;
    // With its end told, this was told of the connection.
    if (this.state !== 'told') this.reporter.error(problem);
    if (this.reporter.status === 0) {
      const bytes = proxyErrorResponse(
        400,
        problem.code,
        problem.message,
        this.services.options.clock.wall(),
        true,
      );
      this.reporter.headSent(400, 'proxy');
      this.sendDown(bytes);
    }
    this.endEarly('bad-request', 'natural');
    this.connection.callDone(false, this.services.options.clock.now());
  }

  /** Something of ours threw, and the connection is reset. @returns false when its end was told before */
  failed(problem: Problem): boolean {
    if (this.#ended || this.state === 'told') return false;
    this.reporter.error(problem);
    this.endEarly('own-failure', 'natural');
    return true;
  }

  // --- what the injection and the stages call (`call-port.ts`) ---

  answer(bytes: Buffer, status: number, source: 'injected' | 'proxy', keepAlive: boolean, at: Instant): void {
    if (this.state !== 'answering') return;
    this.keepAlive = keepAlive && this.head.keepAlive;
    this.reporter.headSent(status, source, at);
    this.sendDown(bytes);
    this.#wholeAnswerSent(source === 'injected' ? 'injected' : 'natural', false, at);
  }

  fail(problem: Problem, status = proxyErrorStatus(problem)): void {
    if (this.state !== 'answering') return;
    this.reporter.error(problem);
    if (this.reporter.status !== 0) {
      this.endConnection('reset', 'upstream-abort', 'natural');
      return;
    }
    this.feed.abandon();
    this.injection?.cancel();
    this.stage?.cancel();
    const at = this.services.options.clock.instant();
    this.answer(proxyErrorAnswer(problem, status, this.head, at.wall), status, 'proxy', true, at);
  }

  tellHold(): void {
    if (this.decision.rule !== null) this.#rules.tookHold?.(this.decision, this.reporter.faultApplied);
  }

  endConnection(how: EndHow, ended: EndedHow, cause: Cause): void {
    if (this.#ended) return;
    if (how === 'hang') {
      // The client decides when this is over; until then the call lives, reads and stays silent.
      this.feed.abandon();
      this.feed.drop();
      this.enter('answered');
      return;
    }
    this.endEarly(ended, cause);
    this.connection.faultEndedConnection(how);
    endTransport(this.connection.transport, how, this.clock);
  }

  upstreamBrokeOff(error: Error | undefined): void {
    if (this.#ended) return;
    this.reporter.error(brokeOffInAnswer(this.upstreamName, error));
    this.endConnection(error ? 'reset' : 'close', 'upstream-abort', 'natural');
  }

  sendDown(bytes: Buffer): boolean {
    this.reporter.bytesDown += bytes.length;
    return this.connection.write(bytes);
  }

  answerSent(keepAlive: boolean, cause: Cause | null, clean: boolean): void {
    this.keepAlive = this.keepAlive && keepAlive;
    this.#wholeAnswerSent(cause, clean && this.upstreamKeepAlive, this.services.options.clock.instant());
  }

  // --- the state, and what each step of it does ---

  /** @returns false where that may not follow: it has been there, or is past it */
  protected enter(to: CallState): boolean {
    const from = this.state;
    this.state = step(from, to);
    return this.state !== from;
  }

  /** Nothing that comes from elsewhere changes it any more. */
  get #ended(): boolean {
    return this.state === 'over' || this.state === 'ending';
  }

  #wholeAnswerSent(cause: Cause | null, upstreamReusable: boolean, at: Instant): void {
    if (!this.enter('answered')) return;
    this.feed.release(upstreamReusable && this.requestDone, at.now);
    this.feed.drop();
    // The next call of this connection finds this one's usage settled. Bound, since a closure would cost every call.
    if (this.stage?.whenRead) this.stage.whenRead(this.#wholeAnswerRead.bind(this, cause, at));
    else this.#wholeAnswerRead(cause, at);
  }

  /** The answer went out, and was read by who reads along. */
  #wholeAnswerRead(cause: Cause | null, at: Instant): void {
    if (this.#ended) return;
    const { client } = this.connection;
    if (client.slow) {
      // An answer that lies here is not one that the client has: its end is told when it was taken.
      client.whenTaken(() => this.#wholeAnswerRead(cause, this.services.options.clock.instant()));
      return;
    }
    this.#tellEnd('complete', cause, at);
    // With a body still to come, the connection goes on (or ends) behind it.
    if (this.requestDone || !this.keepAlive) this.leave(at.now);
  }

  /** told → over, with the connection ready for its next call. */
  protected leave(now: number): void {
    if (!this.enter('over')) return;
    this.connection.callDone(this.keepAlive, now);
    this.injection?.afterAnswer(this.keepAlive);
  }

  /** Ends at once, wherever it is, and lets go of all that it holds. */
  protected endEarly(how: EndedHow, cause: Cause | null): void {
    if (!this.enter('ending') && this.state !== 'told') return;
    try {
      this.feed.abandon();
      this.injection?.cancel();
      this.stage?.cancel();
    } finally {
      this.#tellEnd(how, cause, this.services.options.clock.instant());
      if (this.enter('over')) this.injection?.afterAnswer(false);
    }
  }

  /** The one place that tells how it ended: observers, with what became of each planned fault, and the rules. */
  #tellEnd(how: EndedHow, cause: Cause | null, at: Instant): void {
    if (!this.enter('told')) return;
    const stage = this.stage;
    this.reporter.ended(how, cause, at, stage?.failure);
    if (!this.place.ruled || this.undecided) return;
    this.#rules.settle(this.decision, this.reporter.outcome(how, stage), at);
    // A fault that waits for the connection to idle tells it when it has (`afterAnswer`).
    if (this.injection?.effects.idleEnd === undefined) this.tellHold();
  }
}

/**
 * One call, from its head to its end: facts → decide → inject or forward → events. The file to read first.
 *
 * The way without a fault is all callbacks and slices of what arrived: no promise, timer or copy.
 * What a fault needs beyond that is in `injection.ts` (before the answer) and `response-stage.ts` (in it).
 */
import type { Instant } from '../../core/clock.ts';
import type { EndHow } from '../../core/effect.ts';
import type { Cause, EndedHow } from '../../core/events.ts';
import { BodyScanner, persists, type RequestHead, type ResponseHead } from '../../core/http1/head.ts';
import { Problem } from '../../core/problem.ts';
import { type Decision, PASS, type RuleSet } from '../../core/rules/decision.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import type { Services } from '../connection/services.ts';
import type { CallPort } from '../injection/call-port.ts';
import { CallReporter } from '../injection/call-reporter.ts';
import { Injection } from '../injection/injection.ts';
import {
  brokeOffInAnswer,
  notForwarded,
  proxyErrorAnswer,
  proxyErrorResponse,
  proxyErrorStatus,
  upstreamClosedEarly,
} from '../problems/proxy-errors.ts';
import { RequestFeed } from '../request/request-feed.ts';
import { upstreamHead } from '../request/request-head-edit.ts';
import type { RequestRoute } from '../request/request-route.ts';
import { UndecidedRequest } from '../request/undecided-request.ts';
import { chooseStage } from '../response/choose-stage.ts';
import { FaultedResponse } from '../response/faulted-response.ts';
import { type Answered, headOf, readAnswerHead } from '../response/response-head.ts';
import type { ResponseStage } from '../response/response-stage.ts';
import { endTransport } from '../transport/endings.ts';
import { slice } from '../transport/slice.ts';
import { joinUpgraded } from '../tunnel/upgraded-tunnel.ts';
import type { Progress } from '../upstream/bound-upstream.ts';
import type { UpstreamConnection, UpstreamUser } from '../upstream/upstream-pool.ts';
import { progressOf } from './call-progress.ts';
import { type CallState, step } from './call-state.ts';

export class Call implements UpstreamUser, CallPort, Answered {
  readonly id: number;
  readonly services: Services;
  readonly connection: ClientLeg;
  readonly head: RequestHead;
  readonly place: RequestRoute;
  readonly reporter: CallReporter;
  readonly #rules: RuleSet;
  readonly #feed: RequestFeed;
  decision: Decision = PASS;
  /** Undefined once it was decided, and for calls that no rule is asked about. */
  #undecided: UndecidedRequest | undefined;
  /** When the request's last byte came, monotonic milliseconds; 0 before. */
  requestDoneAt = 0;
  #scanner: BodyScanner | undefined;
  #injection: Injection | undefined;
  #stage: ResponseStage | undefined;
  /** The connection can carry another call, as far as this one's heads say. */
  #keepAlive = true;
  #upstreamKeepAlive = false;
  #state: CallState = 'reading';

  constructor(connection: ClientLeg, head: RequestHead, place: RequestRoute, startedAt: number) {
    const { services } = connection;
    this.services = services;
    this.connection = connection;
    this.head = head;
    this.place = place;
    this.id = services.nextCall();
    this.#rules = services.rules;
    this.#feed = new RequestFeed(connection, this);
    const { framing } = head;
    this.reporter = new CallReporter(services.options, this.id, connection.context.connection, startedAt);
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0))
      this.#requestCame(startedAt);
    if (!place.ruled) return;
    this.#undecided = UndecidedRequest.on(connection, head, place, this.#rules);
  }

  /** The request's last byte was read. */
  get requestDone(): boolean {
    return this.#feed.complete;
  }

  /** True while the client is not read because of this call. */
  get paused(): boolean {
    return this.#feed.paused;
  }

  /** True when a fault keeps the client waiting for ever: whoever leaves then has left. */
  get hung(): boolean {
    return this.#injection?.hung === true;
  }

  /** True while the client gets an answer whose end it is told by the end of the connection alone. */
  get endsWithConnection(): boolean {
    return this.#stage?.endsWithConnection === true;
  }

  get progress(): Progress {
    return progressOf(this.#feed, this.#injection, this.#stage, this.#state);
  }

  // --- what the client's connection calls ---

  /**
   * Takes the head's chunk.
   *
   * @param end index just after the head
   * @returns index just after what belongs to this request
   */
  begin(chunk: Buffer, end: number): number {
    const { head } = this;
    if (!this.requestDone && this.#undecided?.holdBody()) {
      this.#feed.unbounded = true;
      if (head.expectContinue) this.connection.write(CONTINUE);
    }
    const hold = this.#undecided?.hold;
    let bodyEnd = end;
    if (!this.requestDone) {
      this.#scanner = new BodyScanner(head.framing, hold);
      bodyEnd = this.#scanner.push(chunk, end);
      if (this.#scanner.done) this.#requestCame(this.connection.readAt);
    }
    this.reporter.bytesUp = head.length + bodyEnd - end;
    hold?.framed(bodyEnd - end);
    if (hold && !hold.full && !this.requestDone) {
      if (bodyEnd > end) this.#feed.take(chunk.subarray(end, bodyEnd));
    } else this.#decide(chunk, end, bodyEnd);
    return bodyEnd;
  }

  /** Takes more of the body. @returns index just after what belongs to this request */
  requestBytes(chunk: Buffer, from: number): number {
    const scanner = this.#scanner as BodyScanner;
    const end = scanner.push(chunk, from);
    this.reporter.bytesUp += end - from;
    if (scanner.done) this.#requestCame(this.connection.readAt);
    this.#feed.take(slice(chunk, from, end));
    const hold = this.#undecided?.hold;
    hold?.framed(end - from);
    if (hold && (this.requestDone || hold.full)) this.#decide(NOTHING, 0, 0);
    this.#requestGrew();
    if (this.requestDone && this.#state === 'told') this.#leave(this.connection.readAt);
    return end;
  }

  clientDrain(): void {
    if (this.#stage) this.#stage.clientDrain();
    else this.resumeUpstream();
  }

  /** The client's connection is gone, or its sender is. */
  clientGone(): void {
    const injected = this.reporter.faultApplied;
    this.#endEarly(injected && this.hung ? 'fault-end' : 'client-abort', injected ? 'injected' : 'natural');
  }

  /** The proxy is being stopped. */
  shutdown(): void {
    this.#endEarly('shutdown', 'natural');
  }

  /** The body turned out to be malformed. */
  badRequest(problem: Problem): void {
    if (this.#ended) return;
    // With its end told, this was told of the connection.
    if (this.#state !== 'told') this.reporter.error(problem);
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
    this.#endEarly('bad-request', 'natural');
    this.connection.callDone(false, this.services.options.clock.now());
  }

  /** Something of ours threw, and the connection is reset. @returns false when its end was told before */
  failed(problem: Problem): boolean {
    if (this.#ended || this.#state === 'told') return false;
    this.reporter.error(problem);
    this.#endEarly('own-failure', 'natural');
    return true;
  }

  // --- what the injection and the stages call (`call-port.ts`) ---

  dropRequest(): boolean {
    this.#feed.drop();
    return this.#requestRead || this.head.expectContinue;
  }

  forward(): void {
    const { route, target } = this.place;
    if (!route) {
      this.fail(notForwarded(target.host), 403);
      return;
    }
    this.#feed.open(
      this.connection.context.boundUpstream?.upstreams ?? this.services.pool,
      route.origin,
      (error) => this.fail(Problem.from(error, 'upstream-unreachable')),
    );
  }

  answer(bytes: Buffer, status: number, source: 'injected' | 'proxy', keepAlive: boolean, at: Instant): void {
    if (this.#state !== 'answering') return;
    this.#keepAlive = keepAlive && this.head.keepAlive;
    this.reporter.headSent(status, source, at);
    this.sendDown(bytes);
    this.#wholeAnswerSent(source === 'injected' ? 'injected' : 'natural', false, at);
  }

  answerInStages(bytes: Buffer, keepAlive: boolean): void {
    const { head, end } = headOf(bytes);
    this.#keepAlive = keepAlive && this.head.keepAlive;
    const framing = head.framingFor(this.head.method);
    this.#stage = new FaultedResponse(this, this.#injection as Injection, head, framing, 'injected');
    this.#stage.start(bytes, end);
  }

  fail(problem: Problem, status = proxyErrorStatus(problem)): void {
    if (this.#state !== 'answering') return;
    this.reporter.error(problem);
    if (this.reporter.status !== 0) {
      this.endConnection('reset', 'upstream-abort', 'natural');
      return;
    }
    this.#feed.abandon();
    this.#injection?.cancel();
    this.#stage?.cancel();
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
      this.#feed.abandon();
      this.#feed.drop();
      this.#enter('answered');
      return;
    }
    this.#endEarly(ended, cause);
    this.connection.faultEndedConnection(how);
    endTransport(this.connection.transport, how, this.connection.client.clock);
  }

  upstreamBrokeOff(error: Error | undefined): void {
    if (this.#ended) return;
    this.reporter.error(brokeOffInAnswer(this.#upstreamName, error));
    this.endConnection(error ? 'reset' : 'close', 'upstream-abort', 'natural');
  }

  sendDown(bytes: Buffer): boolean {
    this.reporter.bytesDown += bytes.length;
    return this.connection.write(bytes);
  }

  answerSent(keepAlive: boolean, cause: Cause | null, clean: boolean): void {
    this.#keepAlive = this.#keepAlive && keepAlive;
    this.#wholeAnswerSent(cause, clean && this.#upstreamKeepAlive, this.services.options.clock.instant());
  }

  pauseUpstream(): void {
    this.#feed.upstream?.transport.stream.pause();
  }

  resumeUpstream(): void {
    this.#feed.upstream?.transport.stream.resume();
  }

  // --- what the upstream's connection calls ---

  upstreamFailed(error: unknown): void {
    this.connection.client.failed(error);
  }

  upstreamData(chunk: Buffer): void {
    try {
      if (this.#stage) this.#stage.upstreamData(chunk, 0);
      else readAnswerHead(this, (this.#feed.upstream as UpstreamConnection).reader, chunk);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.fail(error);
    }
  }

  answerHead(head: ResponseHead, chunk: Buffer, end: number): void {
    const framing = head.framingFor(this.head.method);
    // Who answers before the whole request was there may well close rather than read the rest of it.
    this.#upstreamKeepAlive = this.requestDone && framing.kind !== 'eof' && persists(this.head, head);
    this.#keepAlive = this.head.keepAlive && head.keepAlive;
    this.#stage = chooseStage(this, this.#injection, head, framing);
    this.#stage.start(chunk, end);
  }

  upgraded(bytes: Buffer): void {
    const upstream = this.#feed.detach() as UpstreamConnection;
    this.reporter.headSent(101, 'upstream');
    this.sendDown(bytes);
    this.#enter('answered');
    joinUpgraded(this.connection, upstream, this.place.target, () => this.#endEarly('complete', null));
  }

  upstreamEnd(): void {
    if (this.#stage) this.#stage.upstreamEnd();
    else this.fail(upstreamClosedEarly(this.#upstreamName, undefined));
  }

  upstreamGone(error: Error | undefined): void {
    this.#feed.detach();
    if (this.#state !== 'answering') return;
    if (this.#stage) this.#stage.upstreamGone(error);
    else this.fail(upstreamClosedEarly(this.#upstreamName, error));
  }

  upstreamDrain(): void {
    this.#feed.drained();
  }

  // --- inside ---

  /** Where the call went, which need not be the host that it names. */
  get #upstreamName(): string {
    const { route, target } = this.place;
    return route?.origin.name ?? target.host;
  }

  /** The whole request was read, as fast as it may be. */
  get #requestRead(): boolean {
    return this.requestDone && !this.#feed.pacing;
  }

  #requestCame(now: number): void {
    this.requestDoneAt = now;
    this.#feed.complete = true;
  }

  /** More of the request was read, or taken by the upstream: what waits for that acts. */
  #requestGrew(): void {
    if (this.#state === 'answering') this.#injection?.requestBytes(this.#requestRead);
  }

  /** What came of the body lies in `bytes[from, to)`; where it was held, in the feed. */
  #decide(bytes: Buffer, from: number, to: number): void {
    this.#enter('deciding');
    this.#feed.unbounded = false;
    const { head, place, connection } = this;
    const undecided = this.#undecided;
    this.#undecided = undefined;
    const at = this.services.options.clock.instant();
    if (undecided)
      this.decision = undecided.decide(at, undecided.hold && this.#feed.body(head.framing, bytes, from, to));
    this.reporter.decided(this.decision, place, undecided?.facts, connection.context.tls, head.method, at);
    const injection = this.decision.faults.length === 0 ? undefined : new Injection(this, this.decision, at);
    this.#injection = injection;
    this.#enter('answering');
    if (!injection?.effects.answersAtOnce) this.#holdHead(bytes, from, to, undecided?.hold !== undefined);
    if (!injection) {
      this.forward();
      return;
    }
    injection.start();
  }

  slowRequest(bytesPerSecond: number): void {
    this.#feed.slow(this.connection.client.clock, bytesPerSecond, () => this.#requestGrew());
  }

  /** Holds the head, as the upstream is to see it, and what came of the body. */
  #holdHead(bytes: Buffer, from: number, to: number, bodyHeld: boolean): void {
    const { head } = this;
    const changed = upstreamHead(head, this.place, {
      dropRequestFault: this.services.options.requestFault !== undefined,
      readable: this.#injection?.understandsAnswer === true || this.decision.thread !== undefined,
      expectDone: bodyHeld,
    });
    this.#feed.takeHead(head, changed, bytes, from, to);
  }

  // --- the end (`call-state.ts`): answered, or ending before its time → told → over ---

  /** @returns false where that may not follow: it has been there, or is past it */
  #enter(to: CallState): boolean {
    const from = this.#state;
    this.#state = step(from, to);
    return this.#state !== from;
  }

  /** Nothing that comes from elsewhere changes it any more. */
  get #ended(): boolean {
    return this.#state === 'over' || this.#state === 'ending';
  }

  #wholeAnswerSent(cause: Cause | null, upstreamReusable: boolean, at: Instant): void {
    if (!this.#enter('answered')) return;
    this.#feed.release(upstreamReusable && this.requestDone, at.now);
    this.#feed.drop();
    // The next call of this connection finds this one's usage settled. Bound, since a closure would cost every call.
    if (this.#stage?.whenRead) this.#stage.whenRead(this.#wholeAnswerRead.bind(this, cause, at));
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
    if (this.requestDone || !this.#keepAlive) this.#leave(at.now);
  }

  /** told → over, with the connection ready for its next call. */
  #leave(now: number): void {
    if (!this.#enter('over')) return;
    this.connection.callDone(this.#keepAlive, now);
    this.#injection?.afterAnswer(this.#keepAlive);
  }

  /** Ends at once, wherever it is, and lets go of all that it holds. */
  #endEarly(how: EndedHow, cause: Cause | null): void {
    if (!this.#enter('ending') && this.#state !== 'told') return;
    try {
      this.#feed.abandon();
      this.#injection?.cancel();
      this.#stage?.cancel();
    } finally {
      this.#tellEnd(how, cause, this.services.options.clock.instant());
      if (this.#enter('over')) this.#injection?.afterAnswer(false);
    }
  }

  /** The one place that tells how it ended: observers, with what became of each planned fault, and the rules. */
  #tellEnd(how: EndedHow, cause: Cause | null, at: Instant): void {
    if (!this.#enter('told')) return;
    const stage = this.#stage;
    this.reporter.ended(how, cause, at, stage?.failure);
    if (!this.place.ruled || this.#undecided) return;
    this.#rules.settle(this.decision, this.reporter.outcome(how, stage), at);
    // A fault that waits for the connection to idle tells it when it has (`afterAnswer`).
    if (this.#injection?.effects.idleEnd === undefined) this.tellHold();
  }
}

const NOTHING = Buffer.alloc(0);
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

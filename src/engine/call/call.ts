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
  requestDone: boolean;
  /** When the request's last byte came, monotonic milliseconds; 0 before. */
  requestDoneAt = 0;
  #scanner: BodyScanner | undefined;
  #injection: Injection | undefined;
  #stage: ResponseStage | undefined;
  /** The connection can carry another call, as far as this one's heads say. */
  #keepAlive = true;
  #upstreamKeepAlive = false;
  #answered = false;
  /** The end of the answer was told. */
  #told = false;
  #ended = false;
  /** The rules were told whether a fault took hold. */
  #holdTold = false;

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
    this.requestDone = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
    this.reporter = new CallReporter(services.options, this.id, connection.context.connection, startedAt);
    if (this.requestDone) this.#requestCame(startedAt);
    if (!place.ruled) return;
    this.#undecided = UndecidedRequest.on(connection, head, place, this.#rules);
  }

  /** True while the client is not read because of this exchange. */
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
    return progressOf(this.#feed, this.#injection, this.#stage, this.#answered);
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
    if (!this.#answered) this.#injection?.requestBytes(this.#requestRead);
    if (this.requestDone && this.#told) this.#leave(this.connection.readAt);
    return end;
  }

  clientDrain(): void {
    if (this.#stage) this.#stage.clientDrain();
    else this.resumeUpstream();
  }

  /** The client's connection is gone, or its sender is. */
  clientGone(): void {
    if (this.#ended) return;
    const injected = this.reporter.faultApplied;
    this.#finish(injected && this.hung ? 'fault-end' : 'client-abort', injected ? 'injected' : 'natural');
  }

  /** The proxy is being stopped. */
  shutdown(): void {
    this.#finish('shutdown', 'natural');
  }

  /** The body turned out to be malformed. */
  badRequest(problem: Problem): void {
    if (this.#ended) return;
    // With the answer out the call is over, and this was told of the connection.
    if (!this.reporter.over) this.reporter.error(problem);
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
    this.#finish('bad-request', 'natural');
    this.connection.callDone(false, this.services.options.clock.now());
  }

  /** Something of ours threw, and the connection is reset. @returns false when its end was told before */
  failed(problem: Problem): boolean {
    if (this.#ended || this.#told) return false;
    this.reporter.error(problem);
    this.#finish('own-failure', 'natural');
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
    if (this.#answered || this.#ended) return;
    this.#keepAlive = keepAlive && this.head.keepAlive;
    this.reporter.headSent(status, source, at);
    this.sendDown(bytes);
    this.#answerDone(source === 'injected' ? 'injected' : 'natural', false, at);
  }

  answerInStages(bytes: Buffer, keepAlive: boolean): void {
    const { head, end } = headOf(bytes);
    this.#keepAlive = keepAlive && this.head.keepAlive;
    const framing = head.framingFor(this.head.method);
    this.#stage = new FaultedResponse(this, this.#injection as Injection, head, framing, 'injected');
    this.#stage.start(bytes, end);
  }

  fail(problem: Problem, status = proxyErrorStatus(problem)): void {
    if (this.#ended || this.#answered) return;
    this.reporter.error(problem);
    if (this.reporter.status !== 0) {
      this.endBy('reset', 'upstream-abort', 'natural');
      return;
    }
    this.#feed.abandon();
    this.#injection?.cancel();
    this.#stage?.cancel();
    const at = this.services.options.clock.instant();
    this.answer(proxyErrorAnswer(problem, status, this.head, at.wall), status, 'proxy', true, at);
  }

  tellHold(): void {
    if (this.#holdTold || this.decision.rule === null) return;
    this.#holdTold = true;
    this.#rules.tookHold?.(this.decision, this.reporter.faultApplied);
  }

  endBy(how: EndHow, ended: EndedHow, cause: Cause): void {
    if (this.#ended) return;
    if (how === 'hang') {
      // The client decides when this is over; until then the call lives, reads and stays silent.
      this.#feed.abandon();
      this.#feed.drop();
      this.#answered = true;
      return;
    }
    this.#finish(ended, cause);
    this.connection.faultEndedConnection(how);
    endTransport(this.connection.transport, how, this.connection.client.clock);
  }

  breakOff(error: Error | undefined): void {
    if (this.#ended) return;
    this.reporter.error(brokeOffInAnswer(this.#upstreamName, error));
    this.endBy(error ? 'reset' : 'close', 'upstream-abort', 'natural');
  }

  sendDown(bytes: Buffer): boolean {
    this.reporter.bytesDown += bytes.length;
    return this.connection.write(bytes);
  }

  stageDone(keepAlive: boolean, cause: Cause | null, clean: boolean): void {
    this.#keepAlive = this.#keepAlive && keepAlive;
    this.#answerDone(cause, clean && this.#upstreamKeepAlive, this.services.options.clock.instant());
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
    this.#answered = true;
    joinUpgraded(this.connection, upstream, this.place.target, () => this.#finish('complete', null));
  }

  upstreamEnd(): void {
    if (this.#stage) this.#stage.upstreamEnd();
    else this.fail(upstreamClosedEarly(this.#upstreamName, undefined));
  }

  upstreamGone(error: Error | undefined): void {
    this.#feed.detach();
    if (this.#ended || this.#answered) return;
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
    this.requestDone = true;
    this.requestDoneAt = now;
    this.#feed.complete = true;
  }

  /** What came of the body lies in `bytes[from, to)`; where it was held, in the feed. */
  #decide(bytes: Buffer, from: number, to: number): void {
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
    if (!injection?.effects.answersAtOnce) this.#holdHead(bytes, from, to, undecided?.hold !== undefined);
    if (!injection) {
      this.forward();
      return;
    }
    injection.start();
  }

  slowRequest(bytesPerSecond: number): void {
    this.#feed.slow(this.connection.client.clock, bytesPerSecond, () => {
      if (!this.#answered && !this.#ended) this.#injection?.requestBytes(this.#requestRead);
    });
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

  #answerDone(cause: Cause | null, upstreamReusable: boolean, at: Instant): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#feed.release(upstreamReusable && this.requestDone, at.now);
    this.#feed.drop();
    // The next call of this connection finds this one's usage settled. Bound, since a closure would cost every call.
    if (this.#stage?.whenRead) this.#stage.whenRead(this.#complete.bind(this, cause, at));
    else this.#complete(cause, at);
  }

  #complete(cause: Cause | null, at: Instant): void {
    if (this.#ended) return;
    const { client } = this.connection;
    if (client.slow) {
      // An answer that lies here is not one that the client has: its end is told when it was taken.
      client.whenTaken(() => this.#complete(cause, this.services.options.clock.instant()));
      return;
    }
    this.#told = true;
    this.#report('complete', cause, at);
    // With a body still to come, the connection goes on (or ends) behind it.
    if (this.requestDone || !this.#keepAlive) this.#leave(at.now);
  }

  #leave(now: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.connection.callDone(this.#keepAlive, now);
    this.#injection?.afterAnswer(this.#keepAlive);
  }

  #finish(how: EndedHow, cause: Cause | null): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      this.#feed.abandon();
      this.#injection?.cancel();
      this.#stage?.cancel();
    } finally {
      this.#report(how, cause, this.services.options.clock.instant());
      this.#injection?.afterAnswer(false);
      this.tellHold();
    }
  }

  #report(how: EndedHow, cause: Cause | null, at: Instant): void {
    const stage = this.#stage;
    if (!this.reporter.ended(how, cause, at, stage?.failure) || !this.place.ruled || this.#undecided) return;
    this.#rules.settle(this.decision, this.reporter.outcome(how, stage), at);
    if (this.#injection?.effects.idleEnd === undefined) this.tellHold();
  }
}

const NOTHING = Buffer.alloc(0);
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

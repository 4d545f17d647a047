/**
 * One call, from its head to its end: facts → decide → inject or forward → events. The file to read first.
 *
 * The way without a fault is all callbacks and slices of what arrived: no promise, timer or copy.
 * How it is answered and ends is in `call-ending.ts`; what a fault needs beyond that is in `injection.ts` (before the answer) and `response-stage.ts` (in it).
 */
import { BodyScanner, persists, type RequestHead, type ResponseHead } from '../../core/http1/head.ts';
import { Problem } from '../../core/problem.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import type { CallPort } from '../injection/call-port.ts';
import { Injection } from '../injection/injection.ts';
import { notForwarded, upstreamClosedEarly } from '../problems/proxy-errors.ts';
import { RequestFeed } from '../request/request-feed.ts';
import { upstreamHead } from '../request/request-head-edit.ts';
import type { RequestRoute } from '../request/request-route.ts';
import { chooseStage } from '../response/choose-stage.ts';
import { FaultedResponse } from '../response/faulted-response.ts';
import { type Answered, headOf, readAnswerHead } from '../response/response-head.ts';
import { slice } from '../transport/slice.ts';
import { joinUpgraded } from '../tunnel/upgraded-tunnel.ts';
import type { UpstreamConnection, UpstreamUser } from '../upstream/upstream-pool.ts';
import { CallEnding } from './call-ending.ts';

export class Call extends CallEnding implements UpstreamUser, CallPort, Answered {
  protected readonly feed: RequestFeed;
  /** When the request's last byte came, monotonic milliseconds; 0 before. */
  requestDoneAt = 0;
  #scanner: BodyScanner | undefined;

  constructor(connection: ClientLeg, head: RequestHead, place: RequestRoute, startedAt: number) {
    super(connection, head, place, startedAt);
    this.feed = new RequestFeed(connection, this);
    const { framing } = head;
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0))
      this.#requestCame(startedAt);
  }

  /** True while the client is not read because of this call. */
  get paused(): boolean {
    return this.feed.paused;
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
    if (!this.requestDone && this.undecided?.holdBody()) {
      this.feed.unbounded = true;
      if (head.expectContinue) this.connection.write(CONTINUE);
    }
    const hold = this.undecided?.hold;
    let bodyEnd = end;
    if (!this.requestDone) {
      this.#scanner = new BodyScanner(head.framing, hold);
      bodyEnd = this.#scanner.push(chunk, end);
      if (this.#scanner.done) this.#requestCame(this.connection.readAt);
    }
    this.reporter.bytesUp = head.length + bodyEnd - end;
    hold?.framed(bodyEnd - end);
    if (hold && !hold.full && !this.requestDone) {
      if (bodyEnd > end) this.feed.take(chunk.subarray(end, bodyEnd));
    } else this.#decide(chunk, end, bodyEnd);
    return bodyEnd;
  }

  /** Takes more of the body. @returns index just after what belongs to this request */
  requestBytes(chunk: Buffer, from: number): number {
    const scanner = this.#scanner as BodyScanner;
    const end = scanner.push(chunk, from);
    this.reporter.bytesUp += end - from;
    if (scanner.done) this.#requestCame(this.connection.readAt);
    this.feed.take(slice(chunk, from, end));
    const hold = this.undecided?.hold;
    hold?.framed(end - from);
    if (hold && (this.requestDone || hold.full)) this.#decide(NOTHING, 0, 0);
    this.#requestGrew();
    if (this.requestDone && this.state === 'told') this.leave(this.connection.readAt);
    return end;
  }

  clientDrain(): void {
    if (this.stage) this.stage.clientDrain();
    else this.resumeUpstream();
  }

  // --- what the injection and the stages call (`call-port.ts`) ---

  dropRequest(): boolean {
    this.feed.drop();
    return this.#requestRead || this.head.expectContinue;
  }

  forward(): void {
    const { route, target } = this.place;
    if (!route) {
      this.fail(notForwarded(target.host), 403);
      return;
    }
    this.feed.open(
      this.connection.context.boundUpstream?.upstreams ?? this.services.pool,
      route.origin,
      (error) => this.fail(Problem.from(error, 'upstream-unreachable')),
    );
  }

  answerInStages(bytes: Buffer, keepAlive: boolean): void {
    const { head, end } = headOf(bytes);
    this.keepAlive = keepAlive && this.head.keepAlive;
    const framing = head.framingFor(this.head.method);
    this.stage = new FaultedResponse(this, this.injection as Injection, head, framing, 'injected');
    this.stage.start(bytes, end);
  }

  pauseUpstream(): void {
    this.feed.upstream?.transport.stream.pause();
  }

  resumeUpstream(): void {
    this.feed.upstream?.transport.stream.resume();
  }

  // --- what the upstream's connection calls ---

  upstreamFailed(error: unknown): void {
    this.connection.client.failed(error);
  }

  upstreamData(chunk: Buffer): void {
    try {
      if (this.stage) this.stage.upstreamData(chunk, 0);
      else readAnswerHead(this, (this.feed.upstream as UpstreamConnection).reader, chunk);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.fail(error);
    }
  }

  answerHead(head: ResponseHead, chunk: Buffer, end: number): void {
    const framing = head.framingFor(this.head.method);
    // Who answers before the whole request was there may well close rather than read the rest of it.
    this.upstreamKeepAlive = this.requestDone && framing.kind !== 'eof' && persists(this.head, head);
    this.keepAlive = this.head.keepAlive && head.keepAlive;
    this.stage = chooseStage(this, this.injection, head, framing);
    this.stage.start(chunk, end);
  }

  upgraded(bytes: Buffer): void {
    const upstream = this.feed.detach() as UpstreamConnection;
    this.reporter.headSent(101, 'upstream');
    this.sendDown(bytes);
    this.enter('answered');
    joinUpgraded(this.connection, upstream, this.place.target, () => this.endEarly('complete', null));
  }

  upstreamEnd(): void {
    if (this.stage) this.stage.upstreamEnd();
    else this.fail(upstreamClosedEarly(this.upstreamName, undefined));
  }

  upstreamGone(error: Error | undefined): void {
    this.feed.detach();
    if (this.state !== 'answering') return;
    if (this.stage) this.stage.upstreamGone(error);
    else this.fail(upstreamClosedEarly(this.upstreamName, error));
  }

  upstreamDrain(): void {
    this.feed.drained();
  }

  // --- inside ---

  /** The whole request was read, as fast as it may be. */
  get #requestRead(): boolean {
    return this.requestDone && !this.feed.pacing;
  }

  #requestCame(now: number): void {
    this.requestDoneAt = now;
    this.feed.complete = true;
  }

  /** More of the request was read, or taken by the upstream: what waits for that acts. */
  #requestGrew(): void {
    if (this.state === 'answering') this.injection?.requestBytes(this.#requestRead);
  }

  /** What came of the body lies in `bytes[from, to)`; where it was held, in the feed. */
  #decide(bytes: Buffer, from: number, to: number): void {
    this.enter('deciding');
    this.feed.unbounded = false;
    const { head, place, connection } = this;
    const undecided = this.undecided;
    this.undecided = undefined;
    const at = this.services.options.clock.instant();
    if (undecided)
      this.decision = undecided.decide(at, undecided.hold && this.feed.body(head.framing, bytes, from, to));
    this.reporter.decided(this.decision, place, undecided?.facts, connection.context.tls, head.method, at);
    const injection = this.decision.faults.length === 0 ? undefined : new Injection(this, this.decision, at);
    this.injection = injection;
    this.enter('answering');
    if (!injection?.effects.answersAtOnce) this.#holdHead(bytes, from, to, undecided?.hold !== undefined);
    if (!injection) {
      this.forward();
      return;
    }
    injection.start();
  }

  slowRequest(bytesPerSecond: number): void {
    this.feed.slow(this.connection.client.clock, bytesPerSecond, () => this.#requestGrew());
  }

  /** Holds the head, as the upstream is to see it, and what came of the body. */
  #holdHead(bytes: Buffer, from: number, to: number, bodyHeld: boolean): void {
    const { head } = this;
    const changed = upstreamHead(head, this.place, {
      dropRequestFault: this.services.options.requestFault !== undefined,
      readable: this.injection?.understandsAnswer === true || this.decision.thread !== undefined,
      expectDone: bodyHeld,
    });
    this.feed.takeHead(head, changed, bytes, from, to);
  }
}

const NOTHING = Buffer.alloc(0);
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

/**
 * One call, from its head to its end: facts → decide → inject or forward → events. The file to read first.
 *
 * The way without a fault is all callbacks and slices of what arrived: no promise, timer or copy.
 * What a fault needs beyond that is in `injection.ts` (before the answer) and `response-stage.ts` (in it).
 */

import type { EndHow } from '../core/effect.ts';
import type { Cause, EndedHow } from '../core/events.ts';
import {
  BodyScanner,
  forwardEdit,
  HeadReader,
  type RequestHead,
  type ResponseHead,
  rewriteHead,
} from '../core/http1/head.ts';
import { Problem } from '../core/problem.ts';
import { type Decision, PASS, type RuleSet } from '../core/rules/decision.ts';
import { BodyHold } from './body-hold.ts';
import { endTransport } from './ending.ts';
import type { Engine } from './engine.ts';
import { ExchangeReporter } from './exchange-reporter.ts';
import type { HttpConnection } from './http-connection.ts';
import { Injection } from './injection.ts';
import { ownFailure, ownStatus } from './own-failure.ts';
import { upstreamHead } from './request-head-edit.ts';
import type { RequestPlace } from './request-place.ts';
import { RequestView } from './request-view.ts';
import { ResponseStage } from './response-stage.ts';
import { joinTunnel } from './tunnel.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream-pool.ts';

/** Bytes of a request kept while its upstream is being reached; beyond, the client is not read. */
const HELD_BYTES = 262_144;

export class Exchange implements UpstreamUser {
  readonly id: number;
  readonly engine: Engine;
  readonly connection: HttpConnection;
  readonly head: RequestHead;
  readonly place: RequestPlace;
  readonly reporter: ExchangeReporter;
  readonly #rules: RuleSet;
  decision: Decision = PASS;
  #decided = false;
  requestDone: boolean;
  /** When the request's last byte came, monotonic milliseconds; 0 before. */
  requestDoneAt = 0;
  /** True while the client is not read because of this exchange. */
  paused = false;
  #scanner: BodyScanner | undefined;
  #bodyHold: BodyHold | undefined;
  /** What happens to body bytes: kept for the upstream, sent to it, or dropped. */
  #mode: 'hold' | 'forward' | 'drop' = 'hold';
  #held: Buffer[] = [];
  #heldBytes = 0;
  #injection: Injection | undefined;
  #opening: AbortController | undefined;
  #upstream: UpstreamConnection | undefined;
  #reader: HeadReader<'response'> | undefined;
  #response: ResponseHead | undefined;
  #responseScanner: BodyScanner | undefined;
  #stage: ResponseStage | undefined;
  #keepAlive = true;
  #answered = false;
  #ended = false;
  #onRequestDone: (() => void) | undefined;

  constructor(connection: HttpConnection, head: RequestHead, place: RequestPlace, startedAt: number) {
    const { engine } = connection;
    this.engine = engine;
    this.connection = connection;
    this.head = head;
    this.place = place;
    this.id = engine.nextExchange();
    this.#rules = engine.rules;
    this.requestDone =
      head.framing.kind === 'none' || (head.framing.kind === 'length' && head.framing.length === 0);
    this.reporter = new ExchangeReporter(engine.options, this.id, connection.context.connection, startedAt);
    if (this.requestDone) this.requestDoneAt = startedAt;
  }

  /** True once nothing of this exchange is to be expected any more. */
  get over(): boolean {
    return this.#ended;
  }

  /**
   * Takes the head's chunk.
   *
   * @param end index just after the head
   * @returns index just after what belongs to this request
   */
  begin(chunk: Buffer, end: number): number {
    const { head } = this;
    if (this.place.ruled && this.#rules.needs.body && !this.requestDone) {
      this.#bodyHold = new BodyHold(head.headers.get('content-encoding'));
      if (head.expectContinue) this.connection.write(CONTINUE);
    }
    let bodyEnd = end;
    if (!this.requestDone) {
      this.#scanner = new BodyScanner(head.framing, this.#bodyHold);
      bodyEnd = this.#scanner.push(chunk, end);
      if (this.#scanner.done) this.#requestCame();
    }
    this.reporter.bytesUp = head.raw.length + bodyEnd - end;
    const body = bodyEnd > end ? chunk.subarray(end, bodyEnd) : undefined;
    if (this.#bodyHold && !this.#bodyHold.full && !this.requestDone) {
      if (body) this.#hold(body);
      return bodyEnd;
    }
    this.#decide(chunk, body);
    return bodyEnd;
  }

  /** Takes more of the body. @returns index just after what belongs to this request */
  requestBytes(chunk: Buffer, from: number): number {
    const scanner = this.#scanner as BodyScanner;
    const end = scanner.push(chunk, from);
    this.reporter.bytesUp += end - from;
    if (scanner.done) this.#requestCame();
    const slice = chunk.subarray(from, end);
    if (this.#mode === 'forward') this.#sendUp(slice);
    else if (this.#mode === 'hold') this.#hold(slice);
    if (this.#bodyHold && !this.#decided && (this.requestDone || this.#bodyHold.full)) {
      const held = this.#held;
      this.#held = [];
      this.#heldBytes = 0;
      this.#decide(undefined, held.length === 1 ? held[0] : Buffer.concat(held));
    }
    if (this.requestDone) this.#afterRequest();
    return end;
  }

  /** Runs `then` once the request was read whole; at once if it was. The body is dropped from here on. */
  dropRequest(then: () => void): void {
    this.#mode = 'drop';
    this.#held = [];
    if (this.requestDone || this.head.expectContinue) {
      then();
      return;
    }
    this.#onRequestDone = then;
    this.#resumeClient();
  }

  /** Sends the request to its upstream, starting with what is held. */
  forward(): void {
    const { route } = this.place;
    if (!route) {
      this.fail(
        new Problem(
          'loop',
          `${this.place.target.host} is no target, and this proxy does not forward to others while it listens beyond loopback; --allow-tunnels permits it`,
        ),
        403,
      );
      return;
    }
    const kept = this.engine.pool.take(route.origin);
    if (kept) {
      this.#attach(kept);
      return;
    }
    this.#opening = new AbortController();
    this.engine.pool.open(route.origin, this.#opening.signal).then(
      (upstream) => {
        if (this.#ended || this.#answered) upstream.destroy();
        else this.#attach(upstream);
      },
      (error: unknown) => {
        if (!this.#ended && !this.#answered) this.fail(Problem.from(error, 'upstream-unreachable'));
      },
    );
  }

  /** Answers with bytes of our own; the rest of the request is read and dropped. */
  answer(bytes: Buffer, status: number, source: 'injected' | 'proxy', keepAlive: boolean): void {
    if (this.#answered || this.#ended) return;
    this.#mode = 'drop';
    this.#keepAlive = keepAlive && this.head.keepAlive;
    this.reporter.headSent(status, source);
    this.reporter.bytesDown += bytes.length;
    this.connection.write(bytes);
    this.#answerDone('complete', source === 'injected' ? 'injected' : 'natural');
  }

  /** Answers for a failure of our own or of the network: natural, never counted as injected. */
  fail(problem: Problem, status = ownStatus(problem)): void {
    this.reporter.error(problem);
    this.#dropUpstream();
    if (this.reporter.status !== 0) {
      this.endBy('reset', 'upstream-abort', 'natural');
      return;
    }
    const close = !this.head.keepAlive;
    const bytes = ownFailure(status, problem.code, problem.message, this.engine.options.clock.wall(), close);
    this.answer(
      this.head.method === 'HEAD' ? bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4) : bytes,
      status,
      'proxy',
      true,
    );
  }

  /** Ends the client's connection in the given way; this exchange and its upstream end with it. */
  endBy(how: EndHow, ended: EndedHow, cause: Cause): void {
    if (this.#ended) return;
    this.#dropUpstream();
    if (how === 'hang') {
      // The client decides when this is over; until then the exchange lives, reads and stays silent.
      this.#mode = 'drop';
      this.#answered = true;
      this.#resumeClient();
      return;
    }
    this.#finish(ended, cause);
    this.connection.exchangeEndedConnection();
    endTransport(this.connection.transport, how, this.engine.options.clock);
  }

  /** The client's connection is gone, or its sender is. */
  clientGone(_error?: Error): void {
    if (this.#ended) return;
    this.#dropUpstream();
    const injected = this.reporter.faultApplied;
    this.#finish(
      injected && this.#injection?.hung ? 'fault-end' : 'client-abort',
      injected ? 'injected' : 'natural',
    );
  }

  /** The proxy is being stopped. */
  shutdown(): void {
    if (this.#ended) return;
    this.#dropUpstream();
    this.#finish('shutdown', 'natural');
  }

  /** The body turned out to be malformed. */
  badRequest(problem: Problem): void {
    if (this.#ended) return;
    this.reporter.error(problem);
    this.#dropUpstream();
    if (this.reporter.status === 0) {
      const bytes = ownFailure(400, problem.code, problem.message, this.engine.options.clock.wall(), true);
      this.reporter.headSent(400, 'proxy');
      this.reporter.bytesDown += bytes.length;
      this.connection.write(bytes);
    }
    this.#finish('bad-request', 'natural');
    this.connection.exchangeDone(false);
  }

  clientDrain(): void {
    if (this.#stage) this.#stage.clientDrain();
    else this.#upstream?.transport.stream.resume();
  }

  /** Writes answer bytes. @returns false when the client is slow */
  sendDown(bytes: Buffer): boolean {
    this.reporter.bytesDown += bytes.length;
    return this.connection.write(bytes);
  }

  /** Called by the response stage once the whole answer went out. @param whole the upstream's answer was read to its end */
  stageDone(keepAlive: boolean, cause: Cause | null, whole: boolean): void {
    this.#keepAlive = this.#keepAlive && keepAlive;
    if (!whole) this.#dropUpstream();
    this.#answerDone('complete', cause);
  }

  // --- upstream ---

  upstreamData(chunk: Buffer): void {
    try {
      if (this.#stage) this.#stage.upstreamData(chunk, 0);
      else if (this.#response) this.#relay(chunk, 0, 0);
      else this.#readResponse(chunk);
    } catch (error) {
      this.fail(Problem.from(error, 'upstream-bad-response'));
    }
  }

  upstreamEnd(): void {
    if (this.#stage) this.#stage.upstreamEnd();
    else if (!this.#response)
      this.fail(
        new Problem('upstream-reset', `${this.place.target.host} closed the connection without an answer`),
      );
    else if (this.#responseScanner?.eof()) this.#answerDone('complete', null);
    else this.breakOff(undefined);
  }

  upstreamGone(error: Error | undefined): void {
    this.#upstream = undefined;
    if (this.#ended || this.#answered) return;
    if (this.#stage) this.#stage.upstreamGone(error);
    else if (!this.#response) {
      const what = error
        ? `broke the connection before its answer (${codeOf(error)})`
        : 'closed the connection without an answer';
      this.fail(new Problem('upstream-reset', `${this.place.target.host} ${what}`, { cause: error }));
    } else this.breakOff(error);
  }

  upstreamDrain(): void {
    this.#resumeClient();
  }

  /** The upstream broke off in its answer, so ours breaks off too: a reset stays a reset, a FIN a FIN. */
  breakOff(error: Error | undefined): void {
    const what = error
      ? `broke off in its answer (${codeOf(error)})`
      : 'ended its answer before it was complete';
    this.reporter.error(new Problem('upstream-reset', `${this.place.target.host} ${what}`));
    this.endBy(error ? 'reset' : 'close', 'upstream-abort', 'natural');
  }

  pauseUpstream(): void {
    this.#upstream?.transport.stream.pause();
  }

  resumeUpstream(): void {
    this.#upstream?.transport.stream.resume();
  }

  // --- inside ---

  #requestCame(): void {
    this.requestDone = true;
    this.requestDoneAt = this.engine.options.clock.now();
  }

  #decide(chunk: Buffer | undefined, body: Buffer | undefined): void {
    const { options } = this.engine;
    const { head, place, connection } = this;
    this.#decided = true;
    if (place.ruled) {
      const view = new RequestView(head, connection.context, place, {
        reused: connection.served > 0,
        peer: connection.transport.peer,
      });
      if (this.#bodyHold) view.body = this.#bodyHold.facts();
      const at = options.clock.instant();
      const asked = options.requestFault && view.header('x-aep-fault');
      this.decision =
        (asked !== undefined && options.requestFault?.(asked, view, at)) || this.#rules.decide(view, at);
      this.reporter.decided(this.decision, place, view, connection.context.tls);
    } else this.reporter.decided(PASS, place, undefined, connection.context.tls, head.method);
    const { decision } = this;
    if (decision.faults.length === 0) {
      this.#firstBytes(chunk, body);
      this.forward();
      return;
    }
    const injection = new Injection(this, decision);
    this.#injection = injection;
    if (injection.answersAtOnce) {
      injection.start();
      return;
    }
    this.#firstBytes(chunk, body);
    injection.start();
  }

  /** Puts the head, as the upstream is to see it, and what came of the body in front of what is held. */
  #firstBytes(chunk: Buffer | undefined, body: Buffer | undefined): void {
    const { head } = this;
    const bytes = upstreamHead(head, this.place, {
      dropRequestFault: this.engine.options.requestFault !== undefined,
      readable: this.#injection?.readsAnswer === true,
      expectDone: this.#bodyHold !== undefined,
    });
    if (bytes === head.raw && chunk && head.headers.source === chunk) {
      const start = head.start;
      this.#hold(chunk.subarray(start, start + bytes.length + (body?.length ?? 0)));
      return;
    }
    this.#hold(bytes);
    if (body) this.#hold(body);
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > HELD_BYTES && !this.requestDone && (this.#decided || !this.#bodyHold)) {
      this.paused = true;
      this.connection.pause();
    }
  }

  #attach(upstream: UpstreamConnection): void {
    this.#opening = undefined;
    this.#upstream = upstream;
    upstream.user = this;
    this.#mode = 'forward';
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (held.length === 1) this.#sendUp(held[0] as Buffer);
    else {
      upstream.transport.stream.cork();
      for (const bytes of held) this.#sendUp(bytes);
      upstream.transport.stream.uncork();
    }
    if (upstream.transport.stream.writableNeedDrain) return;
    this.#resumeClient();
  }

  #sendUp(bytes: Buffer): void {
    const upstream = this.#upstream;
    if (!upstream || upstream.transport.stream.destroyed) return;
    if (!upstream.write(bytes) && !this.requestDone) {
      this.paused = true;
      this.connection.pause();
    }
  }

  #resumeClient(): void {
    if (!this.paused) return;
    this.paused = false;
    this.connection.resume();
  }

  #afterRequest(): void {
    const then = this.#onRequestDone;
    this.#onRequestDone = undefined;
    then?.();
    if (this.#answered && !this.#injection?.hung) this.#leave();
  }

  #readResponse(chunk: Buffer): void {
    this.#reader ??= new HeadReader('response');
    let from = 0;
    while (from < chunk.length) {
      const end = this.#reader.push(chunk, from);
      if (end < 0) return;
      const head = this.#reader.take();
      if (head.status >= 200 || head.status === 101) {
        this.#respond(head, chunk, end);
        return;
      }
      if (this.head.minor === 1) this.sendDown(head.raw);
      from = end;
    }
  }

  #respond(head: ResponseHead, chunk: Buffer, end: number): void {
    if (head.status === 101) {
      this.#upgrade(head, chunk.subarray(end));
      return;
    }
    this.#response = head;
    const framing = head.framingFor(this.head.method);
    this.#keepAlive = this.head.keepAlive && head.keepAlive && framing.kind !== 'eof';
    if (this.#injection?.touchesAnswer) {
      this.#stage = new ResponseStage(this, this.#injection, head, framing);
      this.#stage.start(chunk, end);
      return;
    }
    this.#responseScanner = new BodyScanner(framing, undefined, 'response');
    const edit = forwardEdit(head.headers, 'response');
    this.reporter.headSent(head.status, 'upstream');
    if (edit === null && head.headers.source === chunk) {
      this.#relay(chunk, head.start, end);
      return;
    }
    const bytes = edit === null ? head.raw : rewriteHead(head, edit);
    const { stream } = this.connection.transport;
    stream.cork();
    this.sendDown(bytes);
    this.#relay(chunk, end, end);
    stream.uncork();
  }

  /** Sends on `chunk` from `from`; its body bytes begin at `body`. */
  #relay(chunk: Buffer, from: number, body: number): void {
    const scanner = this.#responseScanner as BodyScanner;
    const end = scanner.push(chunk, body);
    if (end > from) {
      const ready = this.sendDown(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end));
      if (!ready && !scanner.done) this.#upstream?.transport.stream.pause();
    }
    if (scanner.done) {
      // Bytes behind a complete answer belong to nobody: such a connection is never used again.
      if (end < chunk.length && this.#upstream) this.#upstream.reusable = false;
      this.#answerDone('complete', null);
    }
  }

  #upgrade(head: ResponseHead, rest: Buffer): void {
    const upstream = this.#upstream as UpstreamConnection;
    const { connection, reporter } = this;
    reporter.headSent(101, 'upstream');
    this.sendDown(head.raw);
    if (rest.length > 0) this.sendDown(rest);
    upstream.user = undefined;
    const { transport } = upstream;
    for (const event of ['data', 'end', 'drain']) transport.stream.removeAllListeners(event);
    this.#upstream = undefined;
    this.#answered = true;
    const first = connection.handOver();
    joinTunnel(
      this.engine,
      connection.context,
      connection.transport,
      transport,
      this.place.target,
      first,
      () => this.#finish('complete', null),
    );
  }

  #answerDone(how: EndedHow, cause: Cause | null): void {
    if (this.#answered) return;
    this.#answered = true;
    const upstream = this.#upstream;
    this.#upstream = undefined;
    if (upstream) {
      if (this.requestDone && this.#response?.keepAlive && upstream.reusable)
        upstream.release(this.engine.options.clock.now());
      else upstream.destroy();
    }
    this.#report(how, cause);
    this.#mode = 'drop';
    if (this.requestDone) this.#leave();
    else if (this.#keepAlive) this.#resumeClient();
    else this.#leave();
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.connection.exchangeDone(this.#keepAlive);
    if (this.#keepAlive) this.#injection?.afterAnswer();
  }

  #finish(how: EndedHow, cause: Cause | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#injection?.cancel();
    this.#stage?.cancel();
    this.#report(how, cause);
  }

  #report(how: EndedHow, cause: Cause | null): void {
    if (!this.reporter.ended(how, cause)) return;
    if (!this.place.ruled) return;
    const { status, source } = this.reporter;
    const usage = this.#stage?.usage;
    this.#rules.settle(
      this.decision,
      { status, complete: how === 'complete', injected: source === 'injected', ...(usage ? { usage } : {}) },
      this.engine.options.clock.instant(),
    );
  }

  #dropUpstream(): void {
    this.#opening?.abort();
    this.#opening = undefined;
    const upstream = this.#upstream;
    this.#upstream = undefined;
    upstream?.destroy();
  }
}

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

function codeOf(error: Error & { code?: string }): string {
  return error.code ?? error.message;
}

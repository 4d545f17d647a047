/**
 * Carries out the effects that act on an upstream's answer:
 * delay@head → head edits → end@head → head written → body: filters or rewrites → throttle → cut → client.
 */
import type { Cause } from '../core/events.ts';
import type { Header } from '../core/facts.ts';
import {
  BodyScanner,
  type Framing,
  forwardEdit,
  type ResponseHead,
  rewriteHead,
} from '../core/http1/head.ts';
import { reasonPhrase } from '../core/http1/reason.ts';
import type { Usage } from '../core/rules/decision.ts';
import { MARKER_HEADER } from './answer-template.ts';
import type { Exchange } from './exchange.ts';
import type { Injection } from './injection.ts';

export class ResponseStage {
  readonly #exchange: Exchange;
  readonly #injection: Injection;
  readonly #head: ResponseHead;
  readonly #scanner: BodyScanner;
  usage: Usage | undefined;
  /** Bytes that came while a delay was waiting. */
  #waiting: { chunk: Buffer; from: number }[] | undefined = [];
  #gone: { error: Error | undefined; end: boolean } | undefined;
  #cancelled = false;

  constructor(exchange: Exchange, injection: Injection, head: ResponseHead, framing: Framing) {
    this.#exchange = exchange;
    this.#injection = injection;
    this.#head = head;
    this.#scanner = new BodyScanner(framing, undefined, 'response');
  }

  start(chunk: Buffer, end: number): void {
    this.#waiting = [{ chunk, from: end }];
    this.#delay(0);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#injection.cancel();
  }

  upstreamData(chunk: Buffer, from: number): void {
    if (this.#waiting) {
      this.#waiting.push({ chunk, from });
      this.#exchange.pauseUpstream();
      return;
    }
    this.#relay(chunk, from);
  }

  upstreamEnd(): void {
    if (this.#waiting) this.#gone = { error: undefined, end: true };
    else if (this.#scanner.eof()) this.#exchange.stageDone(false, this.#cause());
    else this.#exchange.breakOff(undefined);
  }

  upstreamGone(error: Error | undefined): void {
    if (this.#waiting) this.#gone ??= { error, end: false };
    else this.#exchange.breakOff(error);
  }

  clientDrain(): void {
    this.#exchange.resumeUpstream();
  }

  #delay(index: number): void {
    const next = this.#injection.effects.headDelays[index];
    if (!next) {
      this.#sendHead();
      return;
    }
    this.#injection.applied(next.fault, `delay ${Math.round(next.effect.ms)} ms before the answer`);
    this.#injection.wait(next.effect.ms, () => this.#delay(index + 1));
  }

  #sendHead(): void {
    const { headEnd, headEdits } = this.#injection.effects;
    if (headEnd) {
      const { how } = headEnd.effect;
      this.#injection.applied(
        headEnd.fault,
        how === 'hang' ? 'no answer, ever' : `${how} before the answer's head`,
      );
      if (how === 'hang') this.#injection.hung = true;
      this.#exchange.endBy(how, 'fault-end', 'injected');
      return;
    }
    const edit = forwardEdit(this.#head.headers, 'response');
    const drop = new Set(edit?.drop ?? []);
    const set: Header[] = [...(edit?.set ?? [])];
    let status = this.#head.status;
    let startLine: string | undefined;
    for (const { effect, fault } of headEdits) {
      for (const name of effect.remove ?? []) drop.add(name);
      set.push(...(effect.set ?? []));
      if (effect.status !== undefined) {
        status = effect.status;
        startLine = `HTTP/1.${this.#head.minor} ${status} ${effect.reason ?? reasonPhrase(status)}`;
      }
      const marker = this.#injection.marker(fault);
      if (marker !== undefined) set.push([MARKER_HEADER, marker]);
      this.#injection.applied(fault, 'changed head');
    }
    const untouched = drop.size === 0 && set.length === 0 && startLine === undefined;
    const bytes = untouched
      ? this.#head.raw
      : rewriteHead(this.#head, { drop, set, ...(startLine === undefined ? {} : { startLine }) });
    this.#exchange.reporter.headSent(status, 'upstream');
    this.#exchange.sendDown(bytes);
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { chunk, from } of waiting)
      if (!this.#scanner.done && !this.#cancelled) this.#relay(chunk, from);
    if (this.#scanner.done && waiting.every(({ chunk, from }) => from >= chunk.length)) this.#done();
    const gone = this.#gone;
    if (gone && !this.#scanner.done) {
      if (gone.end) this.upstreamEnd();
      else this.upstreamGone(gone.error);
    } else this.#exchange.resumeUpstream();
  }

  #relay(chunk: Buffer, from: number): void {
    const end = this.#scanner.push(chunk, from);
    if (end > from && !this.#exchange.sendDown(chunk.subarray(from, end)) && !this.#scanner.done)
      this.#exchange.pauseUpstream();
    if (this.#scanner.done) this.#done();
  }

  #done(): void {
    this.#exchange.stageDone(true, this.#cause());
  }

  #cause(): Cause | null {
    return this.#exchange.reporter.status >= 400 ? 'natural' : null;
  }
}

/**
 * Carries out a decision's effects up to the answer: delay@request → end@request → respond, or the upstream.
 * What acts on the upstream's answer is `response-stage.ts`. Each effect is told as applied when it takes hold.
 */

import type { Instant } from '../core/clock.ts';
import type { CutEffect, Effect, EndEffect, RespondEffect } from '../core/effect.ts';
import type { Decision } from '../core/rules/decision.ts';
import { markerOf } from './answer-template.ts';
import type { Of, SortedEffects } from './effects.ts';
import { endTransport } from './ending.ts';
import type { Exchange } from './exchange.ts';

export class Injection {
  readonly #exchange: Exchange;
  readonly #decision: Decision;
  readonly effects: SortedEffects;
  /** True while a fault keeps the client waiting for ever. */
  hung = false;
  /** The present moment, read anew after each wait. */
  #at: Instant;
  #cancelWait: (() => void) | undefined;
  #uploadCut: Of<CutEffect> | undefined;
  /** An answer, or an end, waits for the rest of the request. */
  #awaitsRequest = false;

  /** @param at when the decision fell */
  constructor(exchange: Exchange, decision: Decision, at: Instant) {
    this.#exchange = exchange;
    this.#decision = decision;
    this.#at = at;
    this.effects = exchange.engine.sorter.sort(decision, exchange.connection.transport.impossible);
    this.#uploadCut = this.effects.uploadCut;
  }

  /** True while a delay runs. */
  get waiting(): boolean {
    return this.#cancelWait !== undefined;
  }

  /** True when the answer's coding has to be one that can be undone. */
  get understandsAnswer(): boolean {
    const { readsAnswer, metering } = this.effects;
    return readsAnswer || metering !== undefined;
  }

  /** Starts with the first effect; ends in an answer, an end, or `exchange.forward()`. */
  start(): void {
    const { tooLate, impossible, requestDelays } = this.effects;
    for (const { effect, fault } of tooLate)
      this.skipped(fault, `\`${effect.do}\` acts on a connection, and the request was read already`);
    for (const { fault, reason } of impossible) this.skipped(fault, reason);
    if (requestDelays.length === 0) this.#act();
    else this.#delay(0);
  }

  /**
   * Called as the request comes in: a `cut` of the upload ends the call once enough of it was read; what waits for the
   * whole request acts when it is `done`.
   */
  requestBytes(bytesUp: number, done: boolean): void {
    const cut = this.#uploadCut;
    if (cut && bytesUp >= cut.effect.bytes) {
      const { bytes, how } = cut.effect;
      this.#uploadCut = undefined;
      this.#awaitsRequest = false;
      this.applied(cut.fault, `${how} after ${bytes} bytes up`);
      if (how === 'hang') this.hung = true;
      this.#exchange.endBy(how, 'fault-end', 'injected');
      return;
    }
    if (!done) return;
    if (cut) {
      this.#uploadCut = undefined;
      const { bytes } = cut.effect;
      this.skipped(cut.fault, `the request had ${bytesUp} bytes, the cut was planned after ${bytes}`);
    }
    if (!this.#awaitsRequest) return;
    this.#awaitsRequest = false;
    this.#at = this.#exchange.engine.options.clock.instant();
    this.#act();
  }

  cancel(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  applied(fault: string, effect: string): void {
    this.#exchange.reporter.applied(this.#decision.rule ?? '', fault, effect);
  }

  skipped(fault: string, reason: string): void {
    this.#exchange.reporter.skipped(this.#decision.rule ?? '', fault, reason);
  }

  /** The upstream gave no answer: tells what waited for one as skipped. @param code of the problem that came instead */
  unanswered(code: string): void {
    const { headDelays, headEdits, headEnd, filters, rewrites, throttles, cuts, idleEnd } = this.effects;
    const down = [...throttles, ...cuts].filter(({ effect }) => effect.direction === 'down');
    const ends = [headEnd, idleEnd].filter((end) => end !== undefined);
    const waiting: readonly Of<Effect>[] = [
      ...headDelays,
      ...headEdits,
      ...ends,
      ...filters,
      ...rewrites,
      ...down,
    ];
    for (const fault of new Set(waiting.map((one) => one.fault)))
      this.skipped(fault, `there was no answer to act on (${code})`);
  }

  /** Value of the marker header for a fault; undefined with `--no-marker`. */
  marker(fault: string): string | undefined {
    return this.#exchange.engine.options.marker ? markerOf(this.#decision.rule ?? '', fault) : undefined;
  }

  /** Waits on the exchange's clock; the wait ends without a word when the exchange does. */
  wait(ms: number, then: () => void): void {
    this.#cancelWait = this.#exchange.engine.options.clock.after(ms, () => {
      this.#cancelWait = undefined;
      this.#at = this.#exchange.engine.options.clock.instant();
      then();
    });
  }

  /**
   * The answer is out: an `end@idle` waits for its moment. The call is over, so this is told of the connection.
   *
   * @param kept the connection waits for another call
   */
  afterAnswer(kept: boolean): void {
    const { idleEnd } = this.effects;
    if (!idleEnd) return;
    const { connection, engine, reporter } = this.#exchange;
    const served = connection.served;
    const { effect, fault } = idleEnd;
    const rule = this.#decision.rule ?? '';
    if (!kept) {
      reporter.skippedAfterwards(rule, fault, 'the connection was not kept alive');
      this.#exchange.tellHold();
      return;
    }
    engine.options.clock.after(effect.afterMs ?? 0, () => {
      if (connection.busy || connection.served !== served || connection.transport.stream.destroyed) {
        const reason = 'the connection was in use again, or gone, before its idle time was over';
        reporter.skippedAfterwards(rule, fault, reason);
        this.#exchange.tellHold();
        return;
      }
      reporter.appliedAfterwards(rule, fault, `${effect.how} after ${effect.afterMs ?? 0} ms idle`);
      this.#exchange.tellHold();
      connection.exchangeEndedConnection(effect.how);
      endTransport(connection.transport, effect.how, engine.options.clock);
    });
  }

  #delay(index: number): void {
    const next = this.effects.requestDelays[index];
    if (!next) {
      this.#act();
      return;
    }
    this.applied(next.fault, `delay ${Math.round(next.effect.ms)} ms before the request`);
    this.wait(next.effect.ms, () => this.#delay(index + 1));
  }

  #act(): void {
    const { requestEnd, respond } = this.effects;
    if (requestEnd === undefined && respond === undefined) this.#forward();
    else if (!this.#exchange.dropRequest()) this.#awaitsRequest = true;
    else if (requestEnd !== undefined) this.#end(requestEnd, respond);
    else this.#respond(respond!);
  }

  #forward(): void {
    const slow = this.effects.throttles.find(({ effect }) => effect.direction === 'up');
    if (slow) {
      this.applied(slow.fault, `${slow.effect.bytesPerSecond} bytes/s up`);
      this.#exchange.slowRequest(slow.effect.bytesPerSecond);
    }
    this.#exchange.forward();
  }

  #end({ effect: { how }, fault }: Of<EndEffect>, respond: Of<RespondEffect> | undefined): void {
    if (respond) this.skipped(respond.fault, '`respond` was not reached: the connection was ended before it');
    this.applied(fault, how === 'hang' ? 'no answer, ever' : `${how} after the request`);
    if (how === 'hang') this.hung = true;
    this.#exchange.endBy(how, 'fault-end', 'injected');
  }

  #respond({ effect, fault }: Of<RespondEffect>): void {
    const exchange = this.#exchange;
    const { engine, head } = exchange;
    const template = engine.templates.for(effect, this.#decision.rule ?? '', fault, !head.keepAlive);
    const bytes = template.render(this.#decision, this.#at.wall);
    exchange.reporter.applied(this.#decision.rule ?? '', fault, template.told, this.#at.wall);
    exchange.answer(
      head.method === 'HEAD' ? bytes.subarray(0, template.headLength) : bytes,
      effect.status,
      'injected',
      !template.endsConnection,
      this.#at,
    );
  }
}

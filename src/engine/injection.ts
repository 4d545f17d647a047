/**
 * Carries out a decision's effects up to the answer: delay@request → end@request → respond, or the upstream.
 * What acts on the upstream's answer is `response-stage.ts`. Each effect is told as applied when it takes hold.
 */

import type { CutEffect, Effect, RespondEffect } from '../core/effect.ts';
import type { Decision } from '../core/rules/decision.ts';
import { type Of, type SortedEffects, sortEffects } from './effects.ts';
import { endTransport } from './ending.ts';
import type { Exchange } from './exchange.ts';

export class Injection {
  readonly #exchange: Exchange;
  readonly #decision: Decision;
  readonly effects: SortedEffects;
  /** True while a fault keeps the client waiting for ever. */
  hung = false;
  #cancelWait: (() => void) | undefined;
  #uploadCut: Of<CutEffect> | undefined;

  constructor(exchange: Exchange, decision: Decision) {
    this.#exchange = exchange;
    this.#decision = decision;
    this.effects = sortEffects(decision, exchange.connection.transport.impossible);
    this.#uploadCut = this.effects.cuts.find(({ effect }) => effect.direction === 'up');
  }

  /** True while a delay runs. */
  get waiting(): boolean {
    return this.#cancelWait !== undefined;
  }

  /** True when neither the upstream nor a timer is needed: the answer, or the end, comes at once. */
  get answersAtOnce(): boolean {
    const { effects } = this;
    return (
      effects.requestDelays.length === 0 &&
      (effects.respond !== undefined || effects.requestEnd !== undefined)
    );
  }

  /** True when some effect acts on the upstream's answer. */
  get touchesAnswer(): boolean {
    const { effects } = this;
    return (
      this.readsAnswer ||
      effects.headDelays.length > 0 ||
      effects.headEdits.length > 0 ||
      effects.headEnd !== undefined ||
      effects.throttles.some(({ effect }) => effect.direction === 'down') ||
      effects.cuts.some(({ effect }) => effect.direction === 'down')
    );
  }

  /** True when some effect must understand the answer's body. */
  get readsAnswer(): boolean {
    return this.effects.filters.length > 0 || this.effects.rewrites.length > 0;
  }

  /** The fault that wants the answer's usage; undefined: none does. */
  get metering(): string | undefined {
    return this.#decision.faults.find(({ readsUsage }) => readsUsage)?.kind;
  }

  /** True when the answer's coding has to be one that can be undone. */
  get understandsAnswer(): boolean {
    return this.readsAnswer || this.metering !== undefined;
  }

  /** Starts with the first effect; ends in an answer, an end, or `exchange.forward()`. */
  start(): void {
    for (const { effect, fault } of this.effects.tooLate)
      this.skipped(fault, `\`${effect.do}\` acts on a connection, and the request was read already`);
    for (const { fault, reason } of this.effects.impossible) this.skipped(fault, reason);
    this.#delay(0);
  }

  /** Called as the request comes in: a `cut` of the upload ends the call once enough of it was read. */
  requestBytes(bytesUp: number, done: boolean): void {
    const cut = this.#uploadCut;
    if (!cut) return;
    const { bytes, how } = cut.effect;
    if (bytesUp >= bytes) {
      this.#uploadCut = undefined;
      this.applied(cut.fault, `${how} after ${bytes} bytes up`);
      if (how === 'hang') this.hung = true;
      this.#exchange.endBy(how, 'fault-end', 'injected');
    } else if (done) {
      this.#uploadCut = undefined;
      this.skipped(cut.fault, `the request had ${bytesUp} bytes, the cut was planned after ${bytes}`);
    }
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

  /** Value of the marker header for a fault; undefined with `--no-marker`. */
  marker(fault: string): string | undefined {
    return this.#exchange.engine.options.marker ? `${this.#decision.rule ?? ''}/${fault}` : undefined;
  }

  requestId(): string {
    return this.#decision.requestId();
  }

  /** Waits on the exchange's clock; the wait ends without a word when the exchange does. */
  wait(ms: number, then: () => void): void {
    this.#cancelWait = this.#exchange.engine.options.clock.after(ms, () => {
      this.#cancelWait = undefined;
      then();
    });
  }

  /** The answer is out and the connection is kept: an `end@idle` waits for its moment. */
  afterAnswer(): void {
    const { idleEnd } = this.effects;
    if (!idleEnd) return;
    const { connection, engine } = this.#exchange;
    const served = connection.served;
    const { effect, fault } = idleEnd;
    engine.options.clock.after(effect.afterMs ?? 0, () => {
      if (connection.busy || connection.served !== served || connection.transport.stream.destroyed) {
        this.skipped(fault, 'the connection was in use again, or gone, before its idle time was over');
        return;
      }
      this.applied(fault, `${effect.how} after ${effect.afterMs ?? 0} ms idle`);
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
    if (requestEnd) {
      this.#notReached(respond ? [respond] : []);
      this.#exchange.dropRequest(() => {
        const { how } = requestEnd.effect;
        this.applied(requestEnd.fault, how === 'hang' ? 'no answer, ever' : `${how} after the request`);
        if (how === 'hang') this.hung = true;
        this.#exchange.endBy(how, 'fault-end', 'injected');
      });
      return;
    }
    if (respond) {
      this.#exchange.dropRequest(() => this.#respond(respond));
      return;
    }
    const slow = this.effects.throttles.find(({ effect }) => effect.direction === 'up');
    if (slow) {
      this.applied(slow.fault, `${slow.effect.bytesPerSecond} bytes/s up`);
      this.#exchange.slowRequest(slow.effect.bytesPerSecond);
    }
    this.#exchange.forward();
  }

  #respond({ effect, fault }: Of<RespondEffect>): void {
    const exchange = this.#exchange;
    const { engine, head } = exchange;
    const template = engine.templates.for(effect, this.marker(fault), !head.keepAlive);
    const bytes = template.render(() => this.requestId(), engine.options.clock.wall());
    this.applied(fault, `respond ${effect.status}`);
    exchange.answer(
      head.method === 'HEAD' ? bytes.subarray(0, template.headLength) : bytes,
      effect.status,
      'injected',
      !template.endsConnection,
    );
  }

  #notReached(list: readonly Of<Effect>[]): void {
    for (const { effect, fault } of list)
      this.skipped(fault, `\`${effect.do}\` was not reached: the connection was ended before it`);
  }
}

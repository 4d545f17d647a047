/**
 * Carries out a decision's effects up to the answer: delay@request → throttle and cut of the upload → end@request →
 * respond, or the upstream. What acts on an answer, whosever it is, is in `response-stage.ts`. Each effect is told as
 * applied when it takes hold.
 */

import type { Instant } from '../../core/clock.ts';
import type { CutEffect, DelayEffect, EndEffect, RespondEffect } from '../../core/effect.ts';
import type { Decision, PlannedFault } from '../../core/rules/decision.ts';
import { type AnswerTemplate, markerOf } from '../plan/answer-template.ts';
import type { PlannedEffect, SortedEffects, Throttling } from '../plan/effect-sorter.ts';
import { endTransport } from '../transport/endings.ts';
import type { CallPort } from './call-port.ts';

export class Injection {
  readonly #call: CallPort;
  readonly #decision: Decision;
  readonly effects: SortedEffects;
  /** True while a fault keeps the client waiting for ever. */
  hung = false;
  /** The present moment, read anew after each wait. */
  #at: Instant;
  #cancelWait: (() => void) | undefined;
  #uploadCut: PlannedEffect<CutEffect> | undefined;
  /** The delays before the request are over. */
  #begun = false;
  /** An answer, or an end, waits for the rest of the request. */
  #awaitsRequest = false;

  /** @param at when the decision fell */
  constructor(call: CallPort, decision: Decision, at: Instant) {
    this.#call = call;
    this.#decision = decision;
    this.#at = at;
    this.effects = call.services.sorter.sort(decision, call.connection.transport.impossible);
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
    this.#delay(requestDelays, 0, 'the request', this.#act);
  }

  /**
   * Called as the request comes in: a `cut` of the upload ends the call once enough of it was read, and what waits for
   * the whole request acts. While a delay runs, both wait for its end.
   */
  requestBytes(done: boolean): void {
    if (!this.#begun || this.#cutUpload() || !done || !this.#awaitsRequest) return;
    this.#at = this.#call.clock.instant();
    this.#act();
  }

  cancel(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  applied(fault: PlannedFault, effect: string): void {
    this.#call.reporter.applied(fault, effect);
  }

  skipped(fault: PlannedFault, reason: string): void {
    this.#call.reporter.skipped(fault, reason);
  }

  /** A speed limit takes hold. */
  throttled({ by, outdone, bytesPerSecond }: Throttling): void {
    for (const { effect, fault } of by) {
      const first = effect.firstByteMs ? [`first byte after ${effect.firstByteMs} ms`] : [];
      const speed = Number.isFinite(effect.bytesPerSecond)
        ? [`${effect.bytesPerSecond} bytes/s ${effect.direction}`]
        : [];
      this.applied(fault, [...first, ...speed].join(', '));
    }
    for (const { fault } of outdone)
      this.skipped(fault, `another fault slows it more (${bytesPerSecond} bytes/s)`);
  }

  /** Value of the marker header for a fault; undefined with `--no-marker`. */
  marker({ kind }: PlannedFault): string | undefined {
    return this.#call.services.options.marker ? markerOf(this.#decision.rule ?? '', kind) : undefined;
  }

  /** Waits for the delays before an answer's head. */
  delayHead(then: () => void): void {
    this.#delay(this.effects.headDelays, 0, 'the answer', then);
  }

  /**
   * The answer is out: an `end@idle` waits for its moment. The call is over, so this is told of the connection.
   *
   * @param kept the connection waits for another call
   */
  afterAnswer(kept: boolean): void {
    const { idleEnd } = this.effects;
    const { clock, connection, reporter } = this.#call;
    if (!idleEnd) return;
    if (reporter.isTold(idleEnd.fault)) {
      this.#call.tellHold();
      return;
    }
    const { effect, fault } = idleEnd;
    if (!kept || connection.closing) {
      this.skipped(fault, 'the connection was not kept alive');
      this.#call.tellHold();
      return;
    }
    const cancel = clock.after(effect.afterMs ?? 0, () => {
      connection.afterIdling = undefined;
      this.applied(fault, `${effect.how} after ${effect.afterMs ?? 0} ms idle`);
      this.#call.tellHold();
      connection.faultEndedConnection(effect.how);
      endTransport(connection.transport, effect.how, clock);
    });
    connection.afterIdling = () => {
      cancel();
      this.skipped(fault, 'the connection was in use again, or gone, before its idle time was over');
      this.#call.tellHold();
    };
  }

  /** Waits for delays one after the other, on the call's clock; ends without a word when the call does. */
  #delay(
    delays: readonly PlannedEffect<DelayEffect>[],
    index: number,
    before: string,
    then: () => void,
  ): void {
    const next = delays[index];
    if (!next) {
      then.call(this);
      return;
    }
    const { clock } = this.#call;
    this.applied(next.fault, `delay ${Math.round(next.effect.ms)} ms before ${before}`);
    this.#cancelWait = clock.after(next.effect.ms, () => {
      this.#cancelWait = undefined;
      this.#at = clock.instant();
      this.#delay(delays, index + 1, before, then);
    });
  }

  #act(): void {
    const { requestEnd, respond, upload } = this.effects;
    const first = !this.#begun;
    this.#begun = true;
    this.#awaitsRequest = false;
    if (this.#cutUpload()) return;
    const call = this.#call;
    const forwards = requestEnd === undefined && respond === undefined;
    // With `Expect`, a call that is answered here has nothing more to come.
    if (upload && first && (forwards || !call.head.expectContinue)) {
      this.throttled(upload);
      call.slowRequest(upload.bytesPerSecond);
    }
    if (forwards) call.forward();
    else if (!call.dropRequest()) this.#awaitsRequest = true;
    else if (requestEnd !== undefined) this.#end(requestEnd);
    else if (this.effects.touchesAnswer) this.delayHead(() => this.#respondInStages(respond!));
    else this.#respond(respond!);
  }

  /** @returns true when enough of the request was read to end the call */
  #cutUpload(): boolean {
    const cut = this.#uploadCut;
    if (!cut) return false;
    const { bytes, how } = cut.effect;
    const call = this.#call;
    const { bytesUp } = call.reporter;
    if (bytesUp >= bytes) {
      this.#uploadCut = undefined;
      this.#awaitsRequest = false;
      this.applied(cut.fault, `${how} after ${bytes} bytes up`);
      if (how === 'hang') this.hung = true;
      call.endConnection(how, 'fault-end', 'injected');
      return true;
    }
    if (call.requestDone) {
      this.#uploadCut = undefined;
      this.skipped(cut.fault, `the request had ${bytesUp} bytes, the cut was planned after ${bytes}`);
    }
    return false;
  }

  #end({ effect: { how }, fault }: PlannedEffect<EndEffect>): void {
    this.applied(fault, how === 'hang' ? 'no answer, ever' : `${how} after the request`);
    if (how === 'hang') this.hung = true;
    this.#call.endConnection(how, 'fault-end', 'injected');
  }

  #respond(respond: PlannedEffect<RespondEffect>): void {
    const { reporter } = this.#call;
    const template = this.#templateOf(respond);
    const bytes = this.#render(template);
    reporter.applied(respond.fault, template.told, this.#at.wall);
    this.#call.answer(bytes, respond.effect.status, 'injected', !template.endsConnection, this.#at);
  }

  /** The answer goes the way of an upstream's, since more is to happen to it. */
  #respondInStages(respond: PlannedEffect<RespondEffect>): void {
    const template = this.#templateOf(respond);
    this.applied(respond.fault, template.told);
    this.#call.answerInStages(this.#render(template), !template.endsConnection);
  }

  #templateOf({ effect, fault }: PlannedEffect<RespondEffect>): AnswerTemplate {
    const { services, head } = this.#call;
    return services.templates.for(effect, this.#decision.rule ?? '', fault.kind, !head.keepAlive);
  }

  #render(template: AnswerTemplate): Buffer {
    const bytes = template.render(this.#decision, this.#at.wall);
    return this.#call.head.method === 'HEAD' ? bytes.subarray(0, template.headLength) : bytes;
  }
}

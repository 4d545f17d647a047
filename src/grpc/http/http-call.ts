/**
 * One plain-HTTP call of the fault proxy's: facts → decide → delay → respond, or on to the upstream → what can be done to its
 * answer. The engine's own order (docs/architecture.md), without a stream to act on.
 */
import { wait } from '../../core/clock.ts';
import type { DelayEffect, RespondEffect } from '../../core/effect.ts';
import type { Cause, EndedHow } from '../../core/events.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import { Problem } from '../../core/problem.ts';
import type { Decision, PlannedFault, RuleSet, Usage } from '../../core/rules/decision.ts';
import { outermost } from '../../engine/connection/context.ts';
import { decideConnection } from '../../engine/connection/decide-connection.ts';
import type { Engine } from '../../engine/engine.ts';
import { CallReporter } from '../../engine/injection/call-reporter.ts';
import { markerOf } from '../../engine/plan/answer-template.ts';
import type { PlannedEffect, SortedEffects } from '../../engine/plan/effect-sorter.ts';
import { BodyHold } from '../../engine/request/body-hold.ts';
import { decideRequest } from '../../engine/request/decide-request.ts';
import type { RequestRoute } from '../../engine/request/request-route.ts';
import { RequestView } from '../../engine/request/request-view.ts';
import { HOLD_MS, NO_ENDINGS, neverOf, TOO_LONG, whyNever } from './limits.ts';
import type { Waiting } from './waiting-calls.ts';

export class HttpCall implements Waiting {
  readonly engine: Engine;
  readonly head: RequestHead;
  readonly streams: boolean;
  readonly reporter: CallReporter;
  readonly decision: Decision;
  /** Without what can never act here; that was told as skipped. */
  effects: SortedEffects;
  readonly #rules: RuleSet;

  /** Decides, and tells it. */
  constructor(engine: Engine, head: RequestHead, place: RequestRoute, body: Buffer) {
    const { clock } = engine.options;
    const connection = engine.nextConnection();
    this.engine = engine;
    this.head = head;
    this.#rules = engine.rules;
    this.reporter = new CallReporter(engine.options, engine.nextCall(), connection, clock.now());
    this.reporter.bytesUp = head.length + body.length;

    const context = { ...outermost(connection), via: 'plugin', target: place.target } as const;
    const view = new RequestView(head, context, place, false, { peer: 'fault' });
    const hold = new BodyHold(head.headers.get('content-encoding'));
    if (body.length > 0) {
      hold.data(body, 0, body.length);
      view.body = hold.facts();
    }
    this.streams = view.body.stream === true;

    const { sni, via, peer } = view;
    const transport = { peer, impossible: NO_ENDINGS };
    decideConnection(engine, connection, { to: place.target, sni, via, transport })?.over();
    const at = clock.instant();
    this.decision = decideRequest(engine, this.#rules, view, at);
    this.reporter.decided(this.decision, place, view, false, head.method, at);

    const sorted = engine.sorter.sort(this.decision, NO_ENDINGS);
    for (const { fault, reason } of neverOf(sorted)) this.skipped(fault, reason);
    const { respond } = sorted;
    this.effects = {
      ...sorted,
      filters: [],
      headEdits: sorted.headEdits.filter(({ effect }) => whyNever(effect) === undefined),
      respond: respond && whyNever(respond.effect) === undefined ? respond : undefined,
    };
  }

  /** The fault that wants the answer's usage; undefined: none does. */
  get metering(): PlannedFault | undefined {
    return this.effects.metering;
  }

  /** True when the answer's body is read. */
  get readsAnswer(): boolean {
    return this.effects.rewrites.length > 0 || this.metering !== undefined;
  }

  /** True when something is to be done to the upstream's answer. */
  get touchesAnswer(): boolean {
    const { headDelays, headEdits, rewrites } = this.effects;
    return headDelays.length + headEdits.length + rewrites.length > 0;
  }

  /**
   * Carries out what comes before the answer.
   *
   * @returns the answer to give in the upstream's place, if one is planned; `gone` when the client left meanwhile
   */
  async begin(signal: AbortSignal): Promise<PlannedEffect<RespondEffect> | 'gone' | undefined> {
    const { requestDelays, headDelays, respond } = this.effects;
    const delays = respond ? [...requestDelays, ...headDelays] : requestDelays;
    if (respond && headDelays.length > 0) this.effects = { ...this.effects, headDelays: [] };
    if (await this.delay(delays, signal)) return respond;
    this.end('client-abort', this.reporter.faultApplied ? 'injected' : 'natural');
    return 'gone';
  }

  /** Waits for the delays, as far as the fault proxy can be held up. @returns false when the client left meanwhile */
  async delay(delays: readonly PlannedEffect<DelayEffect>[], signal: AbortSignal): Promise<boolean> {
    let left = HOLD_MS;
    for (const { effect, fault } of delays) {
      if (effect.ms > left) {
        this.skipped(fault, TOO_LONG(effect.ms));
        continue;
      }
      left -= effect.ms;
      const before = effect.at === 'head' ? 'the answer' : 'the request';
      this.applied(fault, `delay ${Math.round(effect.ms)} ms before ${before}`);
      if (!(await wait(this.engine.options.clock, effect.ms, signal))) return false;
    }
    return true;
  }

  expired(): void {
    if (this.streams) {
      // Its events went by outside of our sight: as far as can be told, all was well.
      this.skipAnswer('the answer did not come by: fault does not hand streams to its plugins');
      this.end('complete', null);
      return;
    }
    this.unanswered('upstream-abort');
  }

  /** No answer will be seen. */
  unanswered(how: 'upstream-abort' | 'shutdown'): void {
    this.skipAnswer('there was no answer to act on');
    if (how === 'upstream-abort')
      this.reporter.error(
        new Problem(
          'upstream-unreachable',
          'fault handed over no answer: its upstream failed, or its client left',
        ),
      );
    this.end(how, 'natural');
  }

  /** Tells all that was to act on the answer as skipped. */
  skipAnswer(reason: string): void {
    const { headDelays, headEdits, rewrites } = this.effects;
    const waiting = [...headDelays, ...headEdits, ...rewrites];
    for (const { fault } of waiting) if (!fault.idle) this.skipped(fault, reason);
    if (this.metering !== undefined) this.skipped(this.metering, reason);
  }

  applied(fault: PlannedFault, effect: string): void {
    this.reporter.applied(fault, effect);
  }

  skipped(fault: PlannedFault, reason: string): void {
    this.reporter.skipped(fault, reason);
  }

  /** Value of the marker header for a fault; undefined with `--no-marker`. */
  marker({ kind }: PlannedFault): string | undefined {
    return this.engine.options.marker ? markerOf(this.decision.rule ?? '', kind) : undefined;
  }

  /** The one end of the call. */
  end(how: EndedHow, cause: Cause | null, usage?: Usage): void {
    const at = this.engine.options.clock.instant();
    if (!this.reporter.ended(how, cause, at)) return;
    this.#rules.settle(this.decision, this.reporter.outcome(how, { usage }), at);
    if (this.decision.rule !== null) this.#rules.tookHold?.(this.decision, this.reporter.faultApplied);
  }
}

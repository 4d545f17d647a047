/** A request until it is decided: its facts, its body where a rule reads it, and the rules. Let go then: a body may be large. */
import type { Instant } from '../../core/clock.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import type { Decision, RuleSet } from '../../core/rules/decision.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import type { Services } from '../connection/services.ts';
import { BodyHold, type FramedBody } from './body-hold.ts';
import { decideRequest } from './decide-request.ts';
import type { RequestRoute } from './request-route.ts';
import { RequestView } from './request-view.ts';

export class UndecidedRequest {
  readonly facts: RequestView;
  /** Takes the body, where a rule reads it; decided is when it is whole, or full. */
  hold: BodyHold | undefined;
  readonly #services: Services;
  readonly #rules: RuleSet;

  /** @param rules those that are in force as the request comes */
  static on(connection: ClientLeg, head: RequestHead, place: RequestRoute, rules: RuleSet): UndecidedRequest {
    const { services, context, served, transport } = connection;
    const facts = new RequestView(head, context, place, served > 0, transport);
    return new UndecidedRequest(services, rules, facts);
  }

  private constructor(services: Services, rules: RuleSet, facts: RequestView) {
    this.#services = services;
    this.#rules = rules;
    this.facts = facts;
  }

  /** Keeps the body from here on, where a rule reads it. @returns whether one does */
  holdBody(): boolean {
    if (!this.#rules.needs.body || this.#rules.readsBody?.(this.facts) === false) return false;
    this.hold = new BodyHold(this.facts.header('content-encoding'));
    return true;
  }

  /** @param held the body as it came, where it was held in parts */
  decide(at: Instant, held: FramedBody | undefined): Decision {
    const { facts } = this;
    if (this.hold) facts.body = this.hold.facts(held);
    return decideRequest(this.#services, this.#rules, facts, at);
  }
}

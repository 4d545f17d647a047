/** Who decides on a request: the fault that it names itself, where that is allowed, else the rules. */
import type { Instant } from '../../core/clock.ts';
import type { RequestFacts } from '../../core/facts.ts';
import type { Decision, RuleSet } from '../../core/rules/decision.ts';
import type { Services } from '../connection/services.ts';
import { REQUEST_FAULT_HEADER } from './request-head-edit.ts';

export function decideRequest(
  services: Services,
  rules: RuleSet,
  facts: RequestFacts,
  at: Instant,
): Decision {
  const { requestFault } = services.options;
  const name = requestFault && facts.header(REQUEST_FAULT_HEADER);
  if (name === undefined) return rules.decide(facts, at);
  const page = services.options.guard.foreignPage((field) => facts.header(field));
  if (page !== undefined) {
    services.notice(
      'foreign-page',
      `a web page of ${page} asked for a fault with ${REQUEST_FAULT_HEADER}: the rules decide instead, since only programs of this proxy's user may ask`,
    );
    return rules.decide(facts, at);
  }
  const named = (): Decision | undefined => requestFault?.(name, facts, at);
  return (rules.decideNamed ? rules.decideNamed(facts, named) : named()) ?? rules.decide(facts, at);
}

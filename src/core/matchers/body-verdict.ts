import type { RequestFacts } from '../facts.ts';
import type { Verdict } from './matcher.ts';

/**
 * Asks a body only when it is there to be read. No body: false. Too long, unreadable or not read: cannot tell,
 * so that the rule does not match, `not` or no `not`.
 */
export function bodyVerdict(facts: RequestFacts, ask: (facts: RequestFacts) => Verdict): Verdict {
  const { state } = facts.body;
  if (state === 'held') return ask(facts);
  return state === 'none' ? false : undefined;
}

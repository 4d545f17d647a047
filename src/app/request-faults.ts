/** Opt-in: a request names the fault that it wants (`x-aep-fault: overloaded`). Off unless the user allowed it. */
import type { Instant } from '../core/clock.ts';
import type { RequestFacts } from '../core/facts.ts';
import { ownText, toldText } from '../core/peer-text.ts';
import { compileRules } from '../core/rules/compile.ts';
import type { Decision, RuleSet } from '../core/rules/decision.ts';
import { RulesProblem } from '../core/rules/rule-problem.ts';
import { type Share, WHOLE } from '../core/share.ts';

/** Names kept compiled; a client that makes up names must not fill the memory. */
const KEPT = 256;

/**
 * Gives decisions for faults by name: a preset or a kind that needs no parameters.
 *
 * @param seed draws come from it, as a rule named `request.<fault>` would have them
 * @param unknown called with a sentence for a name that means nothing, or nothing for a request; the call is then decided by the rules
 * @param share which of the calls are numbered here
 */
export function requestFaults(
  seed: string,
  unknown: (sentence: string) => void,
  share: Share = WHOLE,
): (name: string, facts: RequestFacts, at: Instant) => Decision | undefined {
  const compiled = new Map<string, RuleSet | undefined>();
  return (header, facts, at) => {
    // Of a name that long only the beginning is told; that it means nothing either way.
    const name = toldText(header);
    if (!compiled.has(name)) {
      if (compiled.size >= KEPT) compiled.clear();
      compiled.set(ownText(name), compile(name, seed, unknown, share));
    }
    return compiled.get(name)?.decide(facts, at);
  };
}

function compile(
  name: string,
  seed: string,
  unknown: (sentence: string) => void,
  share: Share,
): RuleSet | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,55}$/.test(name)) {
    unknown(
      `a request asked for a fault with x-aep-fault, but ${name === '' ? 'names none' : 'what it names is no name of one'}: the rules decide instead; name one fault, such as overloaded (see the command faults)`,
    );
    return undefined;
  }
  try {
    const rules = compileRules([{ name: `request.${name}`, fault: name }], {
      seed,
      messages: 'simulated',
      share,
    });
    if (!rules.needs.connection) return rules;
    unknown(
      `a request asked for ${name} with x-aep-fault, but that acts on a connection, and a request comes when its connection is open: the rules decide instead; put ${name} into a rule, or name a fault that acts on calls`,
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof RulesProblem)) throw error;
    unknown(
      `a request asked for a fault with x-aep-fault, but ${error.issues[0]?.message ?? 'its name means nothing'}`,
    );
    return undefined;
  }
}

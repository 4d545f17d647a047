/**
 * The fault that a client asks for itself with the header `x-aep-fault` (ruling 15): a rule of its own per name,
 * outside the rules of the file, of which no count changes.
 */
import type { Instant } from '../clock.ts';
import type { RequestFacts } from '../facts.ts';
import { LruMap } from '../lru-map.ts';
import { compileRules, type RuleEnv } from './compile.ts';
import type { Decision } from './decision.ts';
import { RulesProblem } from './rule-problem.ts';
import type { ArmedRules } from './rule-set.ts';

/** Rules of such decisions are called so, with a dot and the fault's name. */
const PREFIX = 'x-aep-fault';

/** What may stand behind it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;

/** True for the name of a rule that a client asked for, which no file holds. */
export function isRequestFault(rule: string): boolean {
  return rule.startsWith(`${PREFIX}.`);
}

/** Clients choose the names, so only so many are kept. */
const REMEMBERED = 200;

/**
 * Makes the function that decides for calls with the header.
 *
 * @returns given a preset or a kind without parameters: the decision; an unknown name passes, with the reason in
 *   `skipped`
 */
export function createRequestFaults(
  env: RuleEnv,
): (name: string, facts: RequestFacts, at: Instant) => Decision {
  const known = new LruMap<string, ArmedRules | RulesProblem>(REMEMBERED);
  return (name, facts, at) => {
    const wanted = name.trim();
    let rules = known.get(wanted);
    if (rules === undefined) {
      rules = compile(wanted, env);
      known.set(wanted, rules);
    }
    if (!(rules instanceof RulesProblem)) return rules.decide(facts, at);
    return refused(wanted, rules);
  };
}

function compile(fault: string, env: RuleEnv): ArmedRules | RulesProblem {
  try {
    const rules = compileRules([{ name: NAME.test(fault) ? `${PREFIX}.${fault}` : PREFIX, fault }], env);
    if (!rules.needs.connection) return rules;
    return new RulesProblem([
      { path: [0, 'fault'], message: `${fault} acts on a connection, not on a request` },
    ]);
  } catch (error) {
    if (error instanceof RulesProblem) return error;
    throw error;
  }
}

function refused(fault: string, problem: RulesProblem): Decision {
  const reason = problem.issues.map(({ message }) => message).join('; ');
  return {
    rule: PREFIX,
    nth: 0,
    ordinal: 0,
    faults: [],
    skipped: [{ rule: PREFIX, fault: fault.slice(0, 80), reason: reason.slice(0, 300) }],
    requestId: () => {
      throw new Error('a call that passes has no injected request id');
    },
    why: () => `the client asks for a fault that cannot act: ${reason.slice(0, 300)}`,
  };
}

/** Can processes that share no memory share out the calls that a rule sees (`core/share.ts`)? */
import { leaves } from '../matchers/when.ts';
import type { CompiledRule } from './rule.ts';

/**
 * What of `rule` only one process can do, as the rest of a sentence; undefined when nothing is.
 *
 * @example `its trigger hangs on other calls (for the first 2 calls)`
 */
export function whyNotShareable({ spec, condition, outcomes, runtime }: CompiledRule): string | undefined {
  if (!runtime.trigger.shareable) return `its trigger hangs on other calls (${runtime.trigger.explain()})`;
  if (spec.limit !== undefined) return 'its limit counts calls';
  if (spec.cooldown !== undefined) return 'its cooldown begins with a call';
  const looksBack = leaves(condition).find(({ definition }) => definition.remembers === true);
  if (looksBack !== undefined) return `its condition ${looksBack.definition.key} remembers earlier calls`;
  const remembering = outcomes.flatMap(({ faults }) => faults).find(({ remember }) => remember !== undefined);
  if (remembering !== undefined) return `its fault ${remembering.kind} remembers earlier calls`;
  return undefined;
}

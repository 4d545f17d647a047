import type { RuleSpec } from './spec.ts';

/** What a rule does, as a text to compare: its name and its description change nothing of that. */
export function ruleText(spec: RuleSpec): string {
  return JSON.stringify({ ...spec, name: undefined, description: undefined });
}

/** A reload: rules that did not change keep their counters, memories and time zero. */
import type { ArmedRules } from './rule-set.ts';

/**
 * Hands the state of `old` on to `next`, which is then ready to take its place; calls in flight may still be
 * settled with either. A rule is unchanged when its seed, name and text (but for `description`) are.
 *
 * @returns names of the rules that kept their state
 */
export function carryOver(old: ArmedRules, next: ArmedRules): readonly string[] {
  const states = new Map(old.rules.map((rule) => [rule.fingerprint, rule.runtime]));
  const kept = new Set<string>();
  for (const rule of next.rules) {
    const state = states.get(rule.fingerprint);
    if (state === undefined) continue;
    rule.runtime = state;
    kept.add(rule.name);
  }
  next.counts = old.counts;
  if (next.attempts !== undefined) next.attempts = old.attempts ?? next.attempts;
  if (next.threads !== undefined) next.threads = old.threads ?? next.threads;
  return [...kept];
}

/**
 * How a scenario is written: what happened to others, as phases of ordinary rules. One file each; list, command,
 * documentation and tests are derived. `scenario-rules.ts` makes rules of it: there is no second engine.
 */
import type { RuleSpec } from '../rules/spec.ts';

/** A rule of a phase. Its name and its time come from the phase. */
export interface PhaseRule extends Omit<RuleSpec, 'name'> {
  /** Tells several rules of one phase apart; one of them may do without. */
  readonly part?: string;
}

export interface ScenarioPhase {
  /** Lower case, with dashes; unique in the scenario. */
  readonly name: string;
  /** How long, such as `45s`; the last one has no end. */
  readonly for?: string;
  /** What happens to calls in it: one sentence. */
  readonly summary: string;
  /** In order. The last should take every call, be it to let it pass, so that the log tells the phase of each. */
  readonly rules: readonly PhaseRule[];
}

/** Where a scenario comes from. */
export interface ScenarioSource {
  readonly text: string;
  readonly url: string;
}

export interface Scenario {
  /** Lower case, with dashes. */
  readonly name: string;
  /** One line: what happens. */
  readonly summary: string;
  /** What was reported; Markdown, without the sources. Absent for weather that nobody reported. */
  readonly story?: string;
  readonly sources: readonly ScenarioSource[];
  /** Which of the numbers no source gives: they are our choice. */
  readonly chosen: string;
  /** What a good client does: one or two sentences. */
  readonly goodClient: string;
  readonly phases: readonly ScenarioPhase[];
}

/** Issue of Claude Code, by number. */
export function claudeCodeIssue(number: number): ScenarioSource {
  return githubIssue('anthropics/claude-code', number);
}

/** Issue or pull request on GitHub. */
export function githubIssue(repository: string, number: number): ScenarioSource {
  return {
    text: `${repository}#${number}`,
    url: `https://github.com/${repository}/issues/${number}`,
  };
}

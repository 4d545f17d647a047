/** What a dry run found, for people: which rule acts on which calls, then each call and why. */
import type { RequestFacts } from '../core/facts.ts';
import type { DryRunStep } from '../core/rules/dry-run.ts';

export interface Explained {
  readonly steps: readonly DryRunStep[];
  readonly facts: RequestFacts;
  /** As the settings have it; undefined where it is drawn anew at each start. */
  readonly seed: string | undefined;
  /** Rules that act before there is a request, of which a dry run can say nothing. */
  readonly connectionRules: readonly string[];
}

/** The whole text, with its last line end. */
export function explainText({ steps, facts, seed, connectionRules }: Explained): string {
  const calls = steps.length === 1 ? 'One call' : `${steps.length} calls, one after the other`;
  const lines = [`${calls}: ${facts.method} ${facts.host}${facts.path}`, ''];
  if (steps.length > 1) lines.push(...overview(steps), '');
  let told = new Map<string, string>();
  for (const step of steps) {
    lines.push(`${String(step.ordinal).padStart(width(steps))}  ${step.why}`);
    for (const { rule, reason } of step.others)
      if (told.get(rule) !== reason && !step.why.includes(reason))
        lines.push(`${indent(steps)}${rule}: ${reason}`);
    told = new Map(step.others.map(({ rule, reason }) => [rule, reason]));
  }
  const notes = notesFor(seed, connectionRules);
  return `${[...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`;
}

/** Who acts on which calls: `overloaded-first: 1-2 (2 calls)`. */
function overview(steps: readonly DryRunStep[]): string[] {
  const names = new Map<string | null, number[]>();
  for (const step of steps) names.set(step.rule, [...(names.get(step.rule) ?? []), step.ordinal]);
  const passes = names.get(null);
  names.delete(null);
  const silent = steps[0]!.others.map(({ rule }) => rule).filter((rule) => !names.has(rule));
  return [
    ...[...names].map(([rule, ordinals]) => `${rule} acts on ${amount(ordinals)}: ${ranges(ordinals)}`),
    ...(silent.length === 0 ? [] : [`never: ${silent.join(', ')}`]),
    ...(passes === undefined ? [] : [`${amount(passes)} pass: ${ranges(passes)}`]),
  ];
}

function amount({ length }: readonly number[]): string {
  return `${length} ${length === 1 ? 'call' : 'calls'}`;
}

/** `1-3, 7, 9-10`. */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

function notesFor(seed: string | undefined, connectionRules: readonly string[]): string[] {
  return [
    ...(seed === undefined
      ? ['note: the file has no seed, so each start draws other calls; seed: 42 would make them the same.']
      : []),
    ...(connectionRules.length > 0
      ? [
          `note: ${[...new Set(connectionRules)].join(', ')} may act before there is a request; only calls are looked at here.`,
        ]
      : []),
  ];
}

function width(steps: readonly DryRunStep[]): number {
  return String(steps.length).length;
}

function indent(steps: readonly DryRunStep[]): string {
  return ' '.repeat(width(steps) + 4);
}

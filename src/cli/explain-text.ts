/** What a dry run found, for people: which rule acts on which calls, then each call and why. */
import type { RequestFacts } from '../core/facts.ts';
import type { DryRunStep } from '../core/rules/dry-run.ts';

export interface Explained {
  readonly steps: readonly DryRunStep[];
  readonly facts: RequestFacts;
  /** As the settings have it; undefined where it is drawn anew at each start. */
  readonly seed: string | undefined;
  /** Where it is set beside rules that act on connections, which have no path yet. */
  readonly onlyPath: string | undefined;
}

/** The whole text, with its last line end. */
export function explainText(explained: Explained): string {
  const { steps, facts } = explained;
  const calls = steps.length === 1 ? 'One call' : `${steps.length} calls, one after the other`;
  const connected = steps.length > 1 && steps.some(({ connection }) => connection !== undefined);
  const how = connected ? ', each on a connection of its own' : '';
  const lines = [`${calls}${how}: ${facts.method} ${facts.host}${facts.path}`, ''];
  if (steps.length > 1) lines.push(...overview(steps), '');
  let told = new Map<string, string>();
  for (const step of steps) {
    const [first = '', ...rest] = sentencesOf(step);
    lines.push(`${String(step.call).padStart(width(steps))}  ${first}`);
    lines.push(...rest.map((sentence) => `${' '.repeat(width(steps) + 2)}${sentence}`));
    const others = othersOf(step);
    for (const [rule, reason] of others)
      if (told.get(rule) !== reason && !step.why.includes(reason))
        lines.push(`${indent(steps)}${rule}: ${reason}`);
    told = others;
  }
  const notes = notesFor(explained);
  return `${[...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`;
}

/** What happens to the connection, where a rule acts on it, and what to the call. */
function sentencesOf({ connection, made, why }: DryRunStep): string[] {
  const acted = connection !== undefined && connection.rule !== null;
  return [...(acted ? [`its connection: ${connection.why}`] : []), ...(made ? [why] : [])];
}

/** Rules that do not act, each with its reason; one that only protects looks at connections and calls, and is told once. */
function othersOf({ connection, others, rule: winner }: DryRunStep): Map<string, string> {
  return new Map(
    [...(connection?.others ?? []), ...others]
      .filter(({ rule }) => rule !== winner && rule !== connection?.rule)
      .map(({ rule, reason }) => [rule, reason]),
  );
}

/** Who acts on which calls: `overloaded-first: 1-2 (2 calls)`. */
function overview(steps: readonly DryRunStep[]): string[] {
  const onConnections = group(
    steps.filter(({ connection }) => connection !== undefined && connection.faults.length > 0),
    ({ connection }) => connection!.rule,
  );
  const onCalls = group(
    steps.filter((step) => step.made && !looksOn(step)),
    ({ rule }) => rule,
  );
  const lookingOn = group(steps.filter(looksOn), ({ rule }) => rule);
  const passes = onCalls.get(null);
  onCalls.delete(null);
  const silent = new Set(
    steps
      .flatMap(({ connection, others }) => [...(connection?.others ?? []), ...others])
      .map(({ rule }) => rule)
      .filter((rule) => !onConnections.has(rule) && !onCalls.has(rule) && !lookingOn.has(rule)),
  );
  return [
    ...[...onConnections].map(
      ([rule, calls]) => `${rule} acts on ${amount(calls, 'connection')}: ${ranges(calls)}`,
    ),
    ...[...onCalls].map(([rule, calls]) => `${rule} acts on ${amount(calls, 'call')}: ${ranges(calls)}`),
    ...[...lookingOn].map(
      ([rule, calls]) => `${rule} lets ${amount(calls, 'call')} pass, and counts them: ${ranges(calls)}`,
    ),
    ...(silent.size === 0 ? [] : [`never: ${[...silent].join(', ')}`]),
    ...(passes === undefined
      ? []
      : [`${amount(passes, 'call')} ${passes.length === 1 ? 'passes' : 'pass'}: ${ranges(passes)}`]),
  ];
}

/** True where the rule's faults keep count of the call, and have nothing against it. */
function looksOn({ made, rule, faults, effects }: DryRunStep): boolean {
  return made && rule !== null && faults.length === 0 && effects.length > 0;
}

/** Numbers of the calls by what `name` says of them. */
function group(
  steps: readonly DryRunStep[],
  name: (step: DryRunStep) => string | null,
): Map<string | null, number[]> {
  const groups = new Map<string | null, number[]>();
  for (const step of steps) groups.set(name(step), [...(groups.get(name(step)) ?? []), step.call]);
  return groups;
}

function amount({ length }: readonly number[], what: string): string {
  return `${length} ${length === 1 ? what : `${what}s`}`;
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

function notesFor({ seed, onlyPath }: Explained): string[] {
  return [
    ...(seed === undefined
      ? ['note: the file has no seed, so each start draws other calls; seed: 42 would make them the same.']
      : []),
    ...(onlyPath === undefined
      ? []
      : [
          `note: only_path ${onlyPath} holds back what acts on calls; a connection has no path yet, so what acts on connections acts on all.`,
        ]),
  ];
}

function width(steps: readonly DryRunStep[]): number {
  return String(steps.length).length;
}

function indent(steps: readonly DryRunStep[]): string {
  return ' '.repeat(width(steps) + 4);
}

/** The summary in sentences, for the end of a run. */
import type { Colors } from './colors.ts';
import { durationText } from './duration-text.ts';
import { printable } from './printable.ts';
import type { Summary } from './summary.ts';

/** @param ms how long the run lasted */
export function summaryText(summary: Summary, ms: number, colors: Colors): string {
  const { seen, injected, passed, natural } = summary;
  const head =
    seen === 0
      ? `No call came through in ${durationText(ms)}.`
      : `${seen} ${plural(seen, 'call')} in ${durationText(ms)}: ${[
          colors.yellow(`${injected} injected`),
          colors.green(`${passed} passed`),
          natural > 0 ? colors.red(`${natural} failed by themselves`) : '0 failed by themselves',
          ...others(summary),
        ].join(', ')}.`;
  return [
    colors.bold(head),
    ...(summary.connectionsInjected > 0
      ? [
          `${summary.connectionsInjected} ${plural(summary.connectionsInjected, 'connection')} met a fault before a call or between calls.`,
        ]
      : []),
    ...list('Injected', summary.byFault),
    ...list('Failed by themselves', summary.byReason),
    ...(summary.skipped > 0 ? list('Faults that could not act', summary.bySkip) : []),
  ].join('\n');
}

function others({ abandoned, stopped }: Summary): string[] {
  return [
    ...(abandoned > 0 ? [`${abandoned} given up by the client`] : []),
    ...(stopped > 0 ? [`${stopped} cut off at the end`] : []),
  ];
}

function list(title: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return [];
  return [`  ${title}: ${entries.map(([name, count]) => `${printable(name)} ${count}×`).join(', ')}`];
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

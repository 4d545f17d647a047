/** Everything that a run found, and where it is written. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../evaluate/judge.ts';
import type { ScenarioOutcome } from '../measure/rounds.ts';
import type { Options } from '../options.ts';
import { folder, paths } from '../paths.ts';
import type { MachineInfo } from './machine.ts';
import { markdown } from './markdown.ts';

export interface Report {
  readonly machine: MachineInfo;
  readonly options: Options;
  /** Which load generator and upstream were used, and why if not the native ones. */
  readonly machinery: string;
  readonly subjects: readonly { readonly name: string; readonly about: string }[];
  readonly unavailable: readonly { readonly name: string; readonly why: string }[];
  readonly outcomes: readonly ScenarioOutcome[];
  readonly verdicts: readonly Verdict[];
}

/** Maps as plain objects, holes as null. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** Writes `<date>.json` and `<date>.md` under `bench/results/`; returns the latter's path. */
export function writeReport(report: Report): string {
  const name = join(folder(paths.results), report.machine.date.replaceAll(/[:.]/g, '-'));
  writeFileSync(`${name}.json`, `${JSON.stringify(report, plain, 1)}\n`);
  writeFileSync(`${name}.md`, markdown(report));
  return `${name}.md`;
}

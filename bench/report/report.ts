/** Everything that a run found. */
import type { Verdict } from '../evaluate/judge.ts';
import type { ScenarioOutcome } from '../measure/rounds.ts';
import type { Options } from '../options.ts';
import type { MachineInfo } from './machine.ts';

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

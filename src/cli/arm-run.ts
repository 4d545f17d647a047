/** The rules of a run: in a store, armed with the settings' seed, or a drawn one, or as a recording has them (`--replay`). */
import { type RuleSettings, RuleStore, type RuleStoreOptions } from '../app/rule-store.ts';
import { compilerOf } from '../config/arm-rules.ts';
import type { Settings } from '../config/settings.ts';
import { Problem } from '../core/problem.ts';
import type { RecordedDecision } from '../core/rules/replay.ts';

export interface ArmedRun {
  readonly rules: RuleStore;
  /** The settings, with what a recording changes about them. */
  readonly settings: Settings;
  /** What the user should know of the recording. */
  readonly notice?: string;
}

/** @throws Problem for a flaw in the rules, the recording, or what does not fit together */
export async function armRun(settings: Settings): Promise<ArmedRun> {
  const { replay, seed } = settings;
  if (replay === undefined) return { rules: storeOf(settings), settings };
  const { readRecording } = await import('../config/recording.ts');
  const recording = readRecording(replay);
  if (recording.seed === undefined && seed === undefined)
    throw new Problem(
      'bad-option',
      `the recording ${replay} does not hold its seed: give it with --seed (the recorded run printed it)`,
    );
  if (recording.seed !== undefined && seed !== undefined && seed !== recording.seed)
    throw new Problem(
      'bad-option',
      `the recording ${replay} was made with the seed ${recording.seed}, and ${settings.origin.get('seed') ?? 'the seed'} is ${seed}: leave it out`,
    );
  const within = {
    ...settings,
    seed: (recording.seed ?? seed)!,
    // What was spent in the recorded run is spent in its decisions already.
    bounds: { ...settings.bounds, maxErrors: undefined },
  };
  return {
    rules: storeOf(within, { recorded: recording.decisions }),
    ...(recording.notice === undefined ? {} : { notice: recording.notice }),
    settings: within,
  };
}

/**
 * The rules of these settings.
 *
 * @param run decisions to repeat, and what a process that is one of several has to know
 * @throws Problem `bad-rule`
 */
export function storeOf(
  settings: Settings,
  run: { readonly recorded?: readonly RecordedDecision[]; readonly shared?: RuleStoreOptions['shared'] } = {},
): RuleStore {
  return new RuleStore(settings.rules, {
    ...ruleSettings(settings, run.recorded),
    ...(run.shared && { shared: run.shared }),
  });
}

/** What the rules of these settings are compiled for. */
export function ruleSettings(settings: Settings, recorded?: readonly RecordedDecision[]): RuleSettings {
  const { seed, messages, timeScale, bounds } = settings;
  const compile = compilerOf(settings, recorded);
  return { ...(seed !== undefined && { seed }), messages, timeScale, bounds, compile };
}

/** The rules of a run: armed with the settings' seed, or a drawn one, or as a recording has them (`--replay`). */
import { randomInt } from 'node:crypto';
import { armRules } from '../config/arm-rules.ts';
import type { Settings } from '../config/settings.ts';
import { Problem } from '../core/problem.ts';
import type { ArmedRules } from '../core/rules/rule-set.ts';

export interface ArmedRun {
  readonly rules: ArmedRules;
  /** The settings, with what a recording changes about them. */
  readonly settings: Settings;
  /** What the user should know of the recording. */
  readonly notice?: string;
}

/** @throws Problem for a flaw in the rules, the recording, or what does not fit together */
export async function armRun(settings: Settings): Promise<ArmedRun> {
  const { replay, seed } = settings;
  if (replay === undefined)
    return { rules: armRules(settings, seed ?? String(randomInt(1_000_000_000))), settings };
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
  const recorded = (recording.seed ?? seed)!;
  return {
    rules: armRules(settings, recorded, recording.decisions),
    ...(recording.notice === undefined ? {} : { notice: recording.notice }),
    // What was spent in the recorded run is spent in its decisions already.
    settings: { ...settings, seed: recorded, bounds: { ...settings.bounds, maxErrors: undefined } },
  };
}

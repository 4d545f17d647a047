/** What a scenario will do, in sentences: for the start text and for `check`. */
import type { Settings } from '../config/settings.ts';
import { findScenario } from '../core/scenarios/find-scenario.ts';
import { timeline } from '../core/scenarios/scenario-rules.ts';
import { durationText } from '../observe/duration-text.ts';

type Asked = Pick<Settings, 'scenario' | 'timeScale'>;

/** The scenario, then its phases with the times that they will really take; none without a scenario. */
export function scenarioSentences({ scenario: name, timeScale }: Asked): string[] {
  if (name === undefined) return [];
  const scenario = findScenario(name);
  const scale = timeScale === 1 ? '' : `, at time scale ${timeScale}`;
  const phases = timeline(scenario);
  return [
    `Scenario ${name}${scale}: ${scenario.summary}`,
    ...(phases.length === 1
      ? []
      : phases.map(({ phase, from, to }) => {
          const begin = from === 0 ? 'from the first call on' : `after ${durationText(from * timeScale)}`;
          const end = Number.isFinite(to) ? `, for ${durationText((to - from) * timeScale)}` : '';
          return `- ${phase.name}, ${begin}${end}: ${phase.summary}`;
        })),
  ];
}

/** True for a rule of the scenario that was asked for. */
export function isOfScenario(rule: string, { scenario }: Pick<Settings, 'scenario'>): boolean {
  return scenario !== undefined && rule.startsWith(`${scenario}.`);
}

/** `scenarios` and `scenarios show NAME`: what scenarios there are, and one of them as a config file. */
import { scenarios } from '../../core/scenarios/all.ts';
import { findScenario } from '../../core/scenarios/find-scenario.ts';
import { rulesOfScenario } from '../../core/scenarios/scenario-rules.ts';
import { colorsFor } from '../colors.ts';
import { PROGRAM } from '../command-table.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { scenarioYaml } from '../scenario-yaml.ts';

/** @returns the exit code @throws Problem `bad-option` for a name that there is not */
export function scenariosCommand(line: CommandLine, io: Io): number {
  if (line.command === 'scenarios show') io.stdout.write(scenarioYaml(findScenario(line.argument!)));
  else if (line.switches.has('--json')) io.stdout.write(`${JSON.stringify(described(), null, 2)}\n`);
  else io.stdout.write(list(io));
  return EXIT.ok;
}

function described(): readonly unknown[] {
  return scenarios.map((scenario) => ({
    ...scenario,
    phases: scenario.phases.map(({ rules: _rules, ...phase }) => phase),
    rules: rulesOfScenario(scenario),
  }));
}

function list(io: Io): string {
  const colors = colorsFor(io);
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return [
    ...scenarios.map(({ name, summary }) => `${colors.bold(name.padEnd(width))}  ${summary}`),
    '',
    `Start one with ${PROGRAM} --standalone --scenario NAME, faster with --time-scale 0.1;`,
    `${PROGRAM} scenarios show NAME prints its rules as YAML.`,
    '',
  ].join('\n');
}

/** A scenario as a config file: its rules, and in comments what they are. */
import { stringify } from 'yaml';
import type { Scenario } from '../core/scenarios/scenario.ts';
import { rulesOfScenario } from '../core/scenarios/scenario-rules.ts';
import { PROGRAM } from './command-table.ts';

const WIDTH = 110;

/** The whole text, with its line ends; `check` accepts it. */
export function scenarioYaml(scenario: Scenario): string {
  const { name, summary, story, sources, chosen, goodClient } = scenario;
  const comments = [
    `${name}: ${summary}`,
    '',
    ...(story === undefined ? [] : [`What happened: ${story}`]),
    ...sources.map(({ text, url }) => `Source: ${text} <${url}>`),
    `Chosen by us: ${chosen}`,
    `A good client: ${goodClient}`,
    '',
    'Times count from the first call. Save it, change it, and start it:',
    `${PROGRAM} --standalone --config FILE [--time-scale 0.1]`,
  ];
  return [
    ...comments.flatMap(wrapped).map((line) => (line === '' ? '#' : `# ${line}`)),
    stringify(
      { rules: rulesOfScenario(scenario) },
      { lineWidth: WIDTH, aliasDuplicateObjects: false, collectionStyle: 'any' },
    ),
  ].join('\n');
}

/** Lines of a paragraph. */
function wrapped(paragraph: string): readonly string[] {
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + word.length < WIDTH - 2) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

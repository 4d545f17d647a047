/** One line of the flag table as options of commander. */
import { type Command, Option } from 'commander';
import type { Flag } from '../config/flag.ts';
import { FLAGS } from '../config/flags.ts';
import { Problem } from '../core/problem.ts';

/** Adds the flag to a command; a switch can be undone too (`--no-quiet`), since a file may have set it. */
export function addFlag(command: Command, flag: Flag, defaultText?: string): void {
  const option = new Option(
    flag.argument === undefined ? flag.name : `${flag.name} <${flag.argument}>`,
    helpText(flag, defaultText),
  ).helpGroup(`${flag.group}:`);
  if (flag.argument === undefined) {
    command.addOption(option);
    if (flag.key !== undefined)
      command.addOption(new Option(oppositeOf(flag.name)).helpGroup(`${flag.group}:`).hideHelp());
    return;
  }
  option.argParser((text: string, previous: readonly string[] | undefined) => {
    // Else a forgotten file name would take the next flag, and a file of that name would be written.
    if (FLAGS.some(({ name }) => name === text))
      throw new Problem('bad-option', `${flag.name} needs a value (${flag.argument}), and ${text} is a flag`);
    return [...(previous ?? []), text];
  });
  command.addOption(option);
}

/** What the command line gave for the flag; undefined when it was not given. */
export function givenFor(command: Command, flag: Flag): boolean | readonly string[] | undefined {
  const attribute = new Option(flag.name).attributeName();
  if (command.getOptionValueSource(attribute) !== 'cli') return undefined;
  return command.getOptionValue(attribute) as boolean | readonly string[];
}

/** The default as text, as it is shown in help and docs; undefined where there is none to tell. */
export function defaultOf(flag: Flag): string | undefined {
  if (flag.defaultText !== undefined) return flag.defaultText;
  if (flag.takes === 'switch' || flag.default === undefined) return undefined;
  return String(flag.default);
}

function helpText(flag: Flag, defaultText = defaultOf(flag)): string {
  return defaultText === undefined ? flag.help : `${flag.help} (default: ${defaultText})`;
}

function oppositeOf(name: string): string {
  return name.startsWith('--no-') ? `--${name.slice(5)}` : `--no-${name.slice(2)}`;
}

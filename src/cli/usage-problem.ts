/** What is wrong with a command line, in one sentence with the nearest right name. */
import type { Command, CommanderError } from 'commander';
import { FLAGS } from '../config/flags.ts';
import { didYouMean } from '../config/nearest.ts';
import { withoutUser } from '../core/net/without-user.ts';
import { Problem } from '../core/problem.ts';
import { type CommandEntry, PROGRAM } from './command-table.ts';

/** @param command the command that refused, described by `entry` */
export function usageProblem(error: CommanderError, command: Command, entry: CommandEntry): Problem {
  return new Problem('bad-option', sentence(error, command, entry));
}

function sentence(error: CommanderError, command: Command, entry: CommandEntry): string {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const called = [PROGRAM, entry.name].filter(Boolean).join(' ');
  const help = ` See ${called} --help.`;
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownFlag(quoted.replace(/=.*/s, ''), entry, help);
    case 'commander.optionMissingArgument': {
      const [name, argument = ''] = quoted.split(/ <|>$/);
      return `${name} needs a value (${argument}).${help}`;
    }
    case 'commander.missingArgument':
      return `${called} needs ${entry.argument?.[0].replace(/\.+$/, '') ?? quoted}: ${entry.argument?.[1] ?? 'a value'}`;
    case 'commander.unknownCommand':
    case 'commander.excessArguments':
      return unknownWord(command, entry, help);
    case 'commander.help':
      return `say what to do: ${called} ${command.commands.map((one) => one.name()).join('|')}`;
    default:
      return error.message.replace(/^error: /, '') + help;
  }
}

function unknownFlag(flag: string, entry: CommandEntry, help: string): string {
  if (FLAGS.some(({ name }) => name === flag))
    return `${flag} does not go with the command ${entry.name}: leave it out`;
  const known = [
    ...entry.flags,
    ...(entry.switches ?? []).map(([name]) => name),
    ...(entry.choices ?? []).map(([name]) => name),
    ...(entry.options ?? []).map(([name]) => name),
    '--help',
    '--version',
  ];
  return `there is no flag ${flag}.${didYouMean(flag, known) || help}`;
}

function unknownWord(command: Command, entry: CommandEntry, help: string): string {
  if (command.commands.length === 0)
    return `${entry.name} takes ${entry.argument ? `one ${entry.argument[0]}` : 'no arguments'}, and more was given.${help}`;
  const word = withoutUser(command.args[0] ?? '');
  const known = command.commands.map((one) => one.name());
  return `there is no command ${[entry.name, word].filter(Boolean).join(' ')}.${didYouMean(word, known) || help}`;
}

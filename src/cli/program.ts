/** The command line, made of the tables of flags and commands. Parsing it starts nothing: it says what is asked for. */
import { Command, CommanderError, Option } from 'commander';
import { FLAG_GROUPS } from '../config/flag.ts';
import { FLAGS } from '../config/flags.ts';
import type { GivenFlags } from '../config/layer.ts';
import { didYouMean } from '../config/nearest.ts';
import { Problem } from '../core/problem.ts';
import { COMMANDS, type CommandEntry, type CommandName, PROGRAM } from './command-table.ts';
import { addFlag, givenFor } from './flag-option.ts';
import type { Io } from './io.ts';
import { usageProblem } from './usage-problem.ts';
import { packageVersion } from './version.ts';

/** What the user wants. */
export interface CommandLine {
  readonly command: CommandName;
  readonly flags: GivenFlags;
  /** The command's argument, if it takes one. */
  readonly argument: string | undefined;
  /** The argument and all that follows it. */
  readonly args: readonly string[];
  /** Own switches of the command that were given. */
  readonly switches: ReadonlySet<string>;
  /** Own flags of the command that were given, and their values. */
  readonly choices: ReadonlyMap<string, string>;
}

/**
 * Reads the arguments (without node and script).
 *
 * @returns undefined when help or version was printed, and that was all
 * @throws Problem `bad-option` with the nearest right name
 */
export function parseCommandLine(args: readonly string[], io: Io): CommandLine | undefined {
  let asked: CommandLine | undefined;
  const root = buildProgram(io, (line) => {
    asked = line;
  });
  try {
    root.parse([...args], { from: 'user' });
  } catch (error) {
    // Help or version was printed.
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    throw error;
  }
  return asked;
}

/** The program, for parsing and for the help texts in the docs. */
export function buildProgram(io: Pick<Io, 'stdout'>, ask: (line: CommandLine) => void): Command {
  const root = new Command(PROGRAM);
  configureRoot(root, io);
  for (const entry of COMMANDS) {
    const command = entry.name === '' ? root : descend(root, entry.name);
    define(command, entry, root, ask);
  }
  root
    .version(packageVersion, '--version', 'print the version')
    .usage('[--standalone] [flags]')
    .addHelpText('after', EXAMPLES);
  return root;
}

function configureRoot(root: Command, io: Pick<Io, 'stdout'>): void {
  root
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => 110,
    });
}

/** The command of these words; groups such as `ca` are made on the way. */
function descend(root: Command, name: string): Command {
  let command = root;
  for (const word of name.split(' ')) {
    let next = command.commands.find((one) => one.name() === word);
    if (next === undefined) {
      next = command.command(word);
      if (word === 'ca') next.description('show, export, replace or remove the certificate authority');
      explainErrors(next, { name: word, summary: '', flags: [] });
    }
    command = next;
  }
  return command;
}

function define(
  command: Command,
  entry: CommandEntry,
  root: Command,
  ask: (line: CommandLine) => void,
): void {
  command.description(entry.summary);
  explainErrors(command, entry);
  if (entry.argument) command.argument(`<${entry.argument[0]}>`, entry.argument[1]);
  if (entry.argument?.[0].endsWith('...')) command.passThroughOptions();
  for (const group of FLAG_GROUPS)
    for (const flag of FLAGS)
      if (flag.group === group && entry.flags.includes(flag.name))
        addFlag(command, flag, entry.defaults?.[flag.name]);
  for (const [name, help] of entry.switches ?? []) command.option(name, help);
  for (const choice of entry.choices ?? []) command.addOption(choiceOption(choice));
  for (const [name, argument, help] of entry.options ?? []) command.option(`${name} <${argument}>`, help);
  if (entry.details !== undefined) command.addHelpText('after', `\n${entry.details}`);
  command.action(() => {
    ask({
      command: entry.name as CommandName,
      flags: flagsOf(command, entry, root),
      argument: command.args[0],
      args: command.args,
      switches: new Set(
        (entry.switches ?? [])
          .map(([name]) => name)
          .filter((name) => command.getOptionValue(new Option(name).attributeName()) === true),
      ),
      choices: new Map(
        [...(entry.choices ?? []), ...(entry.options ?? [])].flatMap(([name]): [string, string][] => {
          const value: unknown = command.getOptionValue(name.slice(2));
          return typeof value === 'string' ? [[name, value]] : [];
        }),
      ),
    });
  });
}

function choiceOption([name, values, help]: NonNullable<CommandEntry['choices']>[number]): Option {
  return new Option(`${name} <${values.join('|')}>`, help).argParser((text: string) => {
    if (values.includes(text)) return text;
    throw new Problem(
      'bad-option',
      `${name} is one of ${values.join(', ')}, not ${JSON.stringify(text)}.${didYouMean(text, values)}`,
    );
  });
}

/** Turns what commander throws into our words; help and version go on as they are. */
function explainErrors(command: Command, entry: CommandEntry): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageProblem(error, command, entry);
  });
}

/** Flags of the command, and those that stood before its name. */
function flagsOf(command: Command, entry: CommandEntry, root: Command): GivenFlags {
  const given = new Map<string, boolean | readonly string[]>();
  for (const flag of FLAGS) {
    const own = entry.flags.includes(flag.name) ? givenFor(command, flag) : undefined;
    const before = command === root ? undefined : givenFor(root, flag);
    if (before !== undefined && !entry.flags.includes(flag.name))
      throw new Problem(
        'bad-option',
        `${flag.name} does not go with the command ${entry.name}: leave it out`,
      );
    const value = own ?? before;
    if (value !== undefined) given.set(flag.name, value);
  }
  return given;
}

const EXAMPLES = `
Every flag can also stand in a config file (proxy_port: 8080) or in the environment (AEP_PROXY_PORT=8080); a flag
wins over the environment, the environment over the file. docs/cli.md says more.

Examples:
  ${PROGRAM} --standalone --upstream mock --status-code 429 --error-probability 0.3
      try it without a key and without a network
  ${PROGRAM} --standalone --status-code 529 --error-probability 1 --max-errors 2
      the first two calls fail, then all pass: do your retries work?
  ${PROGRAM} run --status-code 529 --error-probability 1 --max-errors 2 -- npm test
      the same for a program of yours, without a change in it
  ${PROGRAM} --standalone --config faults.yaml --log-format json
      settings from a file, one JSON object per call
  ${PROGRAM} --status-code 429
      as a plugin for the fault proxy; it prints how to start fault
`;

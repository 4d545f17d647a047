/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios.ts';
import { SUBJECTS } from './subjects/catalogue.ts';

export interface Options {
  /** Names of the scenarios to run. */
  readonly scenarios: readonly string[];
  /** Names of the subjects to run, or undefined for all. */
  readonly subjects: readonly string[] | undefined;
  /** Rounds of every subject; further rounds of a tight gate's pair up to `pairedRounds`. */
  readonly rounds: number;
  readonly pairedRounds: number;
  /** Rounds after which a subject is started anew: identical processes differ, too. */
  readonly roundsPerProcess: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly quick: boolean;
  readonly native: boolean;
  /** Exit code 1 when a gate fails. */
  readonly strict: boolean;
  readonly list: boolean;
  /** Another checkout, built: its product is held against this one, paired. */
  readonly before: string | undefined;
  /** Start the product with Node's profiler and print where its time goes. Costs CPU: not for gates. */
  readonly profile: boolean;
  /** Count instructions by callgrind in place of time, for the tight gates. */
  readonly instructions: boolean;
}

export const HELP = `npm run bench [-- options scenario…]

  --rounds N              rounds per subject (7; with --instructions 5, with --quick 3)
  --paired-rounds N       rounds of product and floor for gates tighter than 10 % (31; with those as --rounds)
  --rounds-per-process N  a fresh process after so many rounds (4)
  --seconds N             length of a round (1; with --quick 0.4)
  --subjects a,b,…        only these subjects
  --quick                 a glance: few, short rounds; tight gates stay open
  --node-load             load generator and upstream in Node even where a C compiler is present
  --strict                exit code 1 when a gate fails
  --profile               profile the product too, and print its hot spots (costs CPU: not for gates)
  --instructions          count instructions by valgrind in place of time: the gates tighter than 10 %
  --before DIR            hold the product against that of another checkout, which is built: paired rounds, one row per scenario;
                          without --subjects nothing else is run
  --list                  scenarios and subjects, with what they are
`;

function positive(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!(number > 0)) throw new Error(`Not a positive number: ${text}`);
  return number;
}

function known(names: readonly string[], among: readonly { readonly name: string }[], what: string): void {
  for (const name of names) {
    if (!among.some((one) => one.name === name)) {
      throw new Error(`Unknown ${what}: ${name}. There are: ${among.map((one) => one.name).join(', ')}.`);
    }
  }
}

/** @throws Error with one sentence for the user */
export function parseOptions(argv: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      'paired-rounds': { type: 'string' },
      'rounds-per-process': { type: 'string' },
      seconds: { type: 'string' },
      subjects: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'node-load': { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      instructions: { type: 'boolean', default: false },
      before: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const subjects = values.subjects?.split(',').map((name) => name.trim());
  known(positionals, SCENARIOS, 'scenario');
  known(subjects ?? [], SUBJECTS, 'subject');
  const few = values.quick || values.instructions;
  const rounds = positive(values.rounds, values.quick ? 3 : values.instructions ? 5 : 7);
  return {
    scenarios: positionals.length > 0 ? positionals : SCENARIOS.map(({ name }) => name),
    subjects,
    rounds,
    pairedRounds: positive(values['paired-rounds'], few ? rounds : 31),
    roundsPerProcess: positive(values['rounds-per-process'], 4),
    seconds: positive(values.seconds, values.quick ? 0.4 : 1),
    warmSeconds: values.quick ? 0.7 : 1.5,
    quick: values.quick,
    native: !values['node-load'],
    strict: values.strict,
    list: values.list,
    before: values.before,
    profile: values.profile,
    instructions: values.instructions,
  };
}

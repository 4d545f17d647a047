/** One source of settings (flags, environment, file), read but not yet merged. */
import { Problem } from '../core/problem.ts';
import { type Flag, variableOf } from './flag.ts';
import { FLAG_OF_KEY, FLAGS } from './flags.ts';
import { didYouMean } from './nearest.ts';
import { type ConfigKey, configShape } from './schema.ts';
import { flawSentence } from './sentence.ts';
import { tellingFlaw, valueAt } from './telling-issue.ts';
import { valueOfTexts } from './text-value.ts';

export interface Layer {
  /** As a config file holds them, checked. */
  readonly values: Readonly<Partial<Record<ConfigKey, unknown>>>;
  /** How the user knows a setting of this layer: `--seed`, `AEP_SEED`, `aep.yaml:3:7: seed`. */
  name(key: ConfigKey): string;
  /** Relative paths start here. */
  readonly directory: string;
}

/** What the command line gave: texts per flag name; a switch has `true` or `false`. */
export type GivenFlags = ReadonlyMap<string, boolean | readonly string[]>;

/** @throws Problem `bad-option` for the first flag with a bad value */
export function flagLayer(given: GivenFlags, directory: string): Layer {
  const values: Partial<Record<ConfigKey, unknown>> = {};
  for (const flag of FLAGS) {
    const raw = given.get(flag.name);
    if (flag.key === undefined || raw === undefined) continue;
    values[flag.key] = checked(
      flag,
      flag.name,
      typeof raw === 'boolean' ? raw : valueOfTexts(flag, raw, flag.name),
    );
  }
  return { values, directory, name: (key) => FLAG_OF_KEY.get(key)?.name ?? key };
}

/**
 * Reads `AEP_*`. An empty variable counts as not set.
 *
 * @throws Problem `bad-option` for a variable that names no setting, or a bad value
 */
export function environmentLayer(env: Readonly<NodeJS.ProcessEnv>, directory: string): Layer {
  const byVariable = new Map([...FLAG_OF_KEY].map(([key, flag]) => [variableOf(key), { key, flag }]));
  const values: Partial<Record<ConfigKey, unknown>> = {};
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith('AEP_') || text === undefined) continue;
    const known = byVariable.get(name);
    if (known === undefined) throw unknownVariable(name, byVariable.keys());
    if (text === '') continue;
    values[known.key] = checked(
      known.flag,
      name,
      valueOfTexts(known.flag, known.flag.takes === 'headers' ? lines(text) : [text], name),
    );
  }
  return { values, directory, name: variableOf };
}

function checked(flag: Flag, where: string, value: unknown): unknown {
  const key = flag.key!;
  const result = configShape[key].safeParse(value);
  if (result.success) return value;
  const flaw = tellingFlaw(result.error.issues[0]!);
  throw new Problem('bad-option', flawSentence(where, key, flaw, valueAt(value, flaw.path)));
}

function unknownVariable(name: string, known: Iterable<string>): Problem {
  const flag = FLAGS.find(
    (one) => one.key === undefined && `AEP_${one.name.slice(2).toUpperCase().replaceAll('-', '_')}` === name,
  );
  const cure = flag
    ? `: give ${flag.name} on the command line`
    : `.${didYouMean(name, known) || ' See --help for those that there are.'}`;
  return new Problem('bad-option', `the environment variable ${name} is no setting${cure}`);
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

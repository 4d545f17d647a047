/** What one line of the flag table (`flags.ts`) says. */
import type { ConfigKey } from './schema.ts';

/** Headings of `--help` and of docs/cli.md, in this order. */
export const FLAG_GROUPS = [
  'Start',
  'What fails',
  'Where calls go',
  'Certificates',
  'What is shown and recorded',
  'Plugin mode',
] as const;

export interface Flag {
  /** As it is typed, with its dashes. */
  readonly name: `--${string}`;
  /** Key in a config file; in capitals and with `AEP_` before it, the environment variable. None: command line only. */
  readonly key?: ConfigKey;
  /** Placeholder of the argument; none for a switch. */
  readonly argument?: string;
  /**
   * How the argument's text becomes a value: `switch` takes none, `list` may be given several times (or with commas),
   * `headers` is `Name: value`, several times, and `seconds` a number of them or `absent`.
   */
  readonly takes: 'switch' | 'number' | 'text' | 'list' | 'headers' | 'seconds';
  /** A file or directory: relative to the working directory, and in a config file to that file. */
  readonly isPath?: true;
  /** Value without the flag; a text in words where it is no fixed value. */
  readonly default?: string | number | boolean | readonly string[];
  readonly defaultText?: string;
  readonly group: (typeof FLAG_GROUPS)[number];
  /** One line, for `--help`. */
  readonly help: string;
  /** More, for docs/cli.md alone; Markdown. */
  readonly details?: string;
}

/** Name of the environment variable of a key. */
export function variableOf(key: ConfigKey): string {
  return `AEP_${key.toUpperCase()}`;
}

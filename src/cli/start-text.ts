/** What a newcomer reads when the proxy has started. */

import type { Settings } from '../config/settings.ts';
import type { Colors } from '../observe/colors.ts';
import { durationText } from '../observe/duration-text.ts';
import { PROGRAM } from './command-table.ts';
import { failingSentence, isFlat, upstreamSentence } from './run-sentences.ts';
import { tryIt } from './try-it.ts';

export interface Started {
  readonly url: string;
  readonly caPath: string;
  readonly seed: string;
  readonly seedDrawn: boolean;
  /** Processes that serve; 1 by default. */
  readonly workers?: number;
  /** One sentence per rule; not used for the flat keys. */
  readonly rules: readonly string[];
  readonly version: string;
  readonly platform: NodeJS.Platform;
}

/** The whole text, with its line ends. */
export function startText(settings: Settings, started: Started, colors: Colors): string {
  const { url, caPath, version, platform, workers = 1 } = started;
  const flat = isFlat(settings);
  const row = (name: string, text: string): string => `  ${colors.dim(name.padEnd(10))} ${text}`;
  const { line, says } = tryIt(settings, url, platform, flat);
  const [first, ...rest] = flat ? [failingSentence(settings)] : started.rules;
  const stop =
    settings.forMs === undefined ? 'Ctrl-C' : `Ctrl-C, or by itself after ${durationText(settings.forMs)}`;
  return [
    `${colors.bold(`anthropic-error-plugin ${version}`)} listens on ${colors.bold(colors.cyan(url))}`,
    '',
    row('fails', colors.yellow(first ?? 'Nothing: the config file has no rules, all calls pass.')),
    ...rest.map((sentence) => row('', colors.yellow(sentence))),
    row('passes to', upstreamSentence(settings)),
    row('seed', seedText(started)),
    ...(workers === 1
      ? []
      : [
          row('workers', `${workers} processes; which calls fail differs from run to run, whatever the seed`),
        ]),
    row('CA', caPath),
    row('stop', stop),
    '',
    'Try it from another terminal:',
    '',
    `  ${colors.bold(line)}`,
    '',
    `  ${colors.dim(says)}`,
    '',
    'Use it from your program, in one of two ways:',
    '',
    `  ${colors.bold(`ANTHROPIC_BASE_URL=${url}`)}   ${colors.dim('nothing else is needed')}`,
    `  ${colors.bold(`HTTPS_PROXY=${url}`)}          ${colors.dim(`and trust the CA: npx ${PROGRAM} --install-ca says how`)}`,
    '',
    '',
  ].join('\n');
}

function seedText({ seed, seedDrawn, workers = 1 }: Started): string {
  if (!seedDrawn) return seed;
  return `${seed} (drawn; --seed ${seed} makes the same ${workers === 1 ? 'calls fail again' : 'draws again, for other calls'})`;
}

/** The one line of `--quiet`. */
export function quietStartText({
  url,
  seed,
  workers = 1,
}: Pick<Started, 'url' | 'seed' | 'workers'>): string {
  return `listening on ${url}, seed ${seed}${workers === 1 ? '' : `, ${workers} workers`}\n`;
}

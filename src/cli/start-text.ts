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
  /** One sentence per rule; not used for the flat keys. */
  readonly rules: readonly string[];
  readonly version: string;
  readonly platform: NodeJS.Platform;
}

/** The whole text, with its line ends. */
export function startText(settings: Settings, started: Started, colors: Colors): string {
  const { url, caPath, seed, seedDrawn, version, platform } = started;
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
    row('seed', seedDrawn ? `${seed} (drawn; --seed ${seed} makes the same calls fail again)` : seed),
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

/** The one line of `--quiet`. */
export function quietStartText(started: Pick<Started, 'url' | 'seed'>): string {
  return `listening on ${started.url}, seed ${started.seed}\n`;
}

/** `check FILE`: is the config file right, and what will it do? Starts nothing. */

import { armRules } from '../../config/arm-rules.ts';
import { loadConfigFile } from '../../config/load.ts';
import { normalize } from '../../config/normalize.ts';
import type { Settings } from '../../config/settings.ts';
import { type RuleWarning, warningsFor } from '../../core/rules/warnings.ts';
import { durationText } from '../../observe/duration-text.ts';
import { colorsFor } from '../colors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { failingSentence, isFlat, ruleSentences, upstreamSentence } from '../run-sentences.ts';
import { isOfScenario } from '../scenario-sentences.ts';

/** @returns the exit code; what is wrong is thrown, as a start would throw it */
export async function check(line: CommandLine, io: Io): Promise<number> {
  const name = line.argument!;
  const file = loadConfigFile(name, io.cwd, 'the config file');
  const settings = normalize({ flags: new Map(), env: io.env, cwd: io.cwd, home: io.home, file });
  const rules = armRules(settings, settings.seed ?? 'check');
  if (settings.workers > 1) (await import('../workers/check-workers.ts')).checkWorkers(settings, rules);
  const colors = colorsFor(io);
  const fails = isFlat(settings) ? [failingSentence(settings)] : ruleSentences(rules, settings);
  // The flat keys are one rule, which cannot be in its own way; its zero was meant.
  const warnings = isFlat(settings) ? [] : warningsFor(rules.rules).filter(isOfFile(settings));
  io.stdout.write(
    [
      `${colors.green(colors.bold(name))} is right. Started with it, the proxy does this:`,
      '',
      ...fails.map((sentence) => `  ${sentence}`),
      ...otherSentences(settings).map((sentence) => `  ${sentence}`),
      '',
      ...warnings.map(
        ({ rule, index, message }) =>
          `${colors.yellow('note:')} ${settings.position?.(['rules', index]) ?? name}: ${rule}: ${message}.`,
      ),
      ...(warnings.length > 0 ? [''] : []),
    ].join('\n'),
  );
  return EXIT.ok;
}

/** What is to be said of a scenario’s rules stands in its documentation. */
function isOfFile(settings: Settings): (warning: RuleWarning) => boolean {
  return ({ rule }) => !isOfScenario(rule, settings);
}

function otherSentences(settings: Settings): string[] {
  const { flat, origin } = settings;
  const port = settings.proxyPort === 0 ? 'any free port' : `port ${settings.proxyPort}`;
  return [
    `It listens on ${port} of ${settings.host}; calls that pass go to ${upstreamSentence(settings)}.`,
    ...(settings.workers === 1
      ? []
      : [
          `${settings.workers} processes serve; which calls fail differs from run to run, whatever the seed.`,
        ]),
    settings.seed === undefined
      ? 'The seed is drawn anew at each start, so other calls fail each time; seed: 42 would make them the same.'
      : `The seed is ${settings.seed}: ${settings.workers === 1 ? 'the same calls fail' : 'its draws are the same'} each time.`,
    ...(settings.timeScale === 1 || isFlat(settings)
      ? []
      : [
          `Times of the rules pass at scale ${settings.timeScale}: 10s take ${durationText(10_000 * settings.timeScale)}.`,
        ]),
    ...(origin.has('headers') ? ['The errors carry headers of your own.'] : []),
    ...(flat.retryAfter !== undefined ? [`The errors say retry-after: ${retryText(flat.retryAfter)}.`] : []),
    ...(settings.messages === 'real' ? ["The errors are in the API's own words."] : []),
    ...(settings.marker ? [] : ['The errors are not marked: nothing tells them from real ones.']),
    ...(settings.allowRequestFaults ? ['A call may ask for its own fault with the header x-aep-fault.'] : []),
    settings.caCert === undefined
      ? 'It signs with a CA of its own.'
      : `It signs with the CA in ${settings.caCert}.`,
    ...(settings.allowTunnels ? ['From anywhere, it passes on traffic to other hosts too.'] : []),
    ...(settings.allowHosts.length === 0
      ? []
      : [`The base URL may be called by ${settings.allowHosts.join(', ')}, too.`]),
    ...(settings.forMs === undefined ? [] : [`It stops by itself after ${durationText(settings.forMs)}.`]),
    ...(settings.eventLog === undefined ? [] : [`Every event is recorded in ${settings.eventLog}.`]),
    ...(settings.readyFile === undefined
      ? []
      : [`When it is ready, ${settings.readyFile} says where it listens.`]),
  ];
}

function retryText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

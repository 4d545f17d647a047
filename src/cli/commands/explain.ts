/**
 * `explain FILE --request req.json [--n 100]`: which rule would fire on which call, and why the others would not.
 * Decides as the proxy does, but opens no socket.
 */
import { resolve } from 'node:path';
import { describeRequest } from '../../app/described-request.ts';
import { armRules } from '../../config/arm-rules.ts';
import { boundRules } from '../../config/bounded-rules.ts';
import { loadConfigFile } from '../../config/load.ts';
import { normalize } from '../../config/normalize.ts';
import { readTextFile } from '../../config/text-file.ts';
import { parseDuration } from '../../core/duration.ts';
import type { Effect } from '../../core/effect.ts';
import type { RequestFacts } from '../../core/facts.ts';
import { Problem } from '../../core/problem.ts';
import { type DryRunStep, dryRun } from '../../core/rules/dry-run.ts';
import { EXIT } from '../exit-codes.ts';
import { explainText } from '../explain-text.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { actsOnConnections } from '../run-sentences.ts';

/** Most calls of one dry run. */
const MOST = 100_000;
/** Drawn from where the file has no seed, so that the same question has the same answer. */
const SEED_WITHOUT_SEED = 'explain';

/** @returns the exit code; what is wrong is thrown, as a start would throw it */
export function explain(line: CommandLine, io: Io): number {
  const name = line.argument!;
  const file = loadConfigFile(name, io.cwd, 'the config file');
  const settings = normalize({ flags: new Map(), env: io.env, cwd: io.cwd, home: io.home, file });
  const seed = settings.seed ?? SEED_WITHOUT_SEED;
  const rules = armRules(settings, seed);
  const host = settings.targets.find((target) => !target.includes('*')) ?? 'api.anthropic.com';
  const facts = readRequest(line.choices.get('--request'), host, io);
  const env = { seed, messages: settings.messages, timeScale: settings.timeScale };
  const steps = dryRun(settings.rules, env, facts, {
    count: countOf(line.choices.get('--n')),
    intervalMs: intervalOf(line.choices.get('--interval')),
    within: (armed) => boundRules(armed, settings.bounds),
  });
  if (line.switches.has('--json')) {
    for (const step of steps) io.stdout.write(`${JSON.stringify(plain(step))}\n`);
    return EXIT.ok;
  }
  io.stdout.write(
    explainText({
      steps,
      facts,
      seed: settings.seed,
      onlyPath: actsOnConnections(rules) ? settings.bounds.onlyPath : undefined,
    }),
  );
  return EXIT.ok;
}

function readRequest(named: string | undefined, host: string, io: Io): RequestFacts {
  if (named === undefined) return describeRequest({}, host);
  const what = 'the file of --request';
  const text = readTextFile(resolve(io.cwd, named), what);
  let described: unknown;
  try {
    described = JSON.parse(text);
  } catch (error) {
    throw new Problem(
      'bad-config',
      `${what}, ${named}, is not JSON (${whyNot(error)}): write { "method": "POST", "path": "/v1/messages", "headers": {}, "body": {} }`,
    );
  }
  try {
    return describeRequest(described, host);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const sentences = error.message.split('\n').map((sentence) => `${named}: ${sentence}`);
    throw new Problem(error.code, sentences.join('\n'), { cause: error });
  }
}

/** In one line: the parser shows some of the text, its line feeds included. */
function whyNot(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\r\n|[\r\n]/g, '\\n');
}

function countOf(text = '1'): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count;
  throw new Problem(
    'bad-option',
    `--n must be a whole number from 1 to ${MOST}, not ${JSON.stringify(text)}`,
  );
}

function intervalOf(text = '0s'): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new Problem(
    'bad-option',
    `--interval must be a duration such as 500ms or 2s, not ${JSON.stringify(text)}`,
  );
}

/** Effects hold functions; what each does is told by its name. */
function plain({ connection, effects, ...step }: DryRunStep): Record<string, unknown> {
  const names = (list: readonly Effect[]): string[] => list.map((effect) => effect.do);
  return {
    ...step,
    effects: names(effects),
    ...(connection ? { connection: { ...connection, effects: names(connection.effects) } } : {}),
  };
}

/** What a run will do, in plain sentences: for the start text and for `check`. */

import { FLAT_RULE_NAME } from '../config/flat-rule.ts';
import type { Settings } from '../config/settings.ts';
import { typeOfStatus } from '../core/anthropic/errors.ts';
import { explainRule } from '../core/rules/explain.ts';
import type { ArmedRules } from '../core/rules/rule-set.ts';
import { isOfScenario, scenarioSentences } from './scenario-sentences.ts';

/** What fails, e.g. `30 % of the calls to api.anthropic.com get 429 rate_limit_error; the others pass.` */
export function failingSentence(settings: Settings): string {
  const { flat } = settings;
  const what = callsText(settings);
  const error = `${flat.status} ${flat.body === undefined ? typeOfStatus(flat.status) : 'with a body of your own'}`;
  const limit =
    flat.maxErrors === undefined
      ? ''
      : `, until ${flat.maxErrors} ${flat.maxErrors === 1 ? 'has' : 'have'} failed; then all pass`;
  if (flat.probability === 0 || flat.maxErrors === 0) return `No call fails: all ${what} pass.`;
  if (flat.probability === 1) return `All ${what} get ${error}${limit}.`;
  return `${percent(flat.probability)} of the ${what} get ${error}${limit || '; the others pass'}.`;
}

/** True when the settings are the flat keys and no rules. */
export function isFlat(settings: Settings): boolean {
  const [only, ...rest] = settings.rules;
  return rest.length === 0 && (only as { name?: unknown } | undefined)?.name === FLAT_RULE_NAME;
}

/** What each rule does, one sentence each, in order; the rules of a scenario are told by its phases. */
export function ruleSentences(
  rules: ArmedRules,
  settings: Pick<Settings, 'bounds' | 'scenario' | 'timeScale'>,
): string[] {
  const { maxErrors, onlyPath } = settings.bounds;
  const own = rules.rules.filter((rule) => !isOfScenario(rule.name, settings));
  return [
    // A rule that acts in both phases is one rule to its author.
    ...new Map(own.map((rule) => [rule.index, explainRule(rule)])).values(),
    ...scenarioSentences(settings),
    ...(onlyPath === undefined ? [] : [onlyPathSentence(onlyPath, rules)]),
    ...(maxErrors === undefined ? [] : [`After ${maxErrors} errors, all calls pass.`]),
  ];
}

function onlyPathSentence(onlyPath: string, rules: ArmedRules): string {
  const calls = `Of all calls, only those to ${onlyPath} may fail`;
  return actsOnConnections(rules)
    ? `${calls}; a connection has no path yet, so what acts on connections acts on all.`
    : `${calls}.`;
}

/** True when some rule may act before there is a request. */
export function actsOnConnections({ rules }: ArmedRules): boolean {
  return rules.some(({ phase, spec }) => phase === 'connection' && spec.pass !== true);
}

/** Where calls that pass go. */
export function upstreamSentence(settings: Settings): string {
  const { upstream, upstreamProxy } = settings;
  const through = upstreamProxy && upstream.kind !== 'mock' ? ` through the proxy ${upstreamProxy.host}` : '';
  if (upstream.kind === 'mock') return 'the built-in stand-in API (no network, any key will do)';
  if (upstream.kind === 'url') return `${upstream.url.href.replace(/\/$/, '')}${through}`;
  return `the real ${settings.targets.join(', ')}${through}`;
}

/** `30 %`, `12.5 %`. */
export function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(6))} %`;
}

function callsText({ targets, flat }: Settings): string {
  const paths = flat.onlyPath === undefined ? '' : ` whose path matches ${flat.onlyPath}`;
  return `calls to ${targets.join(' and ')}${paths}`;
}

/** Each alias of the table, read as what it stands for; the table itself is what the docs show. */
import { describe, expect, test } from 'vitest';
import { compileRules } from '../rules/compile.ts';
import { explainRule } from '../rules/explain.ts';
import { RulesProblem } from '../rules/rule-problem.ts';
import { faultAliases, readAlias, unlikeHere } from './aliases.ts';
import { faultCatalogue } from './catalogue.ts';
import { faultPresets } from './presets.ts';

const isKind = (name: string): boolean => faultCatalogue.has(name);

const explained = (fault: unknown): string =>
  explainRule(compileRules([{ fault }], { seed: '1', messages: 'real' }).rules[0]!);

/** What each alias stands for, once with each of its directions. */
const MEANINGS: readonly [string, Record<string, unknown>, object][] = [
  ['EMPTY_RESPONSE', {}, { kind: 'disconnect', how: 'close', at: 'request' }],
  ['CONNECTION_RESET_BY_PEER', {}, { kind: 'disconnect', how: 'reset', at: 'request' }],
  ['abort', { http_status: 503 }, { kind: 'http-error', status: 503 }],
  ['delay', { fixed_delay: '5s' }, { kind: 'latency', delay: '5s', at: 'request' }],
  ['response_rate_limit', { fixed_limit: { limit_kbps: 64 } }, { kind: 'bandwidth', down: '64KiB' }],
  ['latency', { latency: 800 }, { kind: 'latency', delay: '800ms', at: 'head' }],
  [
    'latency',
    { latency: 50, jitter: 80, stream: 'upstream' },
    { kind: 'latency', delay: { distribution: 'uniform', min: '0ms', max: '130ms' }, at: 'request' },
  ],
  ['bandwidth', { rate: 32 }, { kind: 'bandwidth', down: '32kB' }],
  ['bandwidth', { rate: 1, stream: 'upstream' }, { kind: 'bandwidth', up: '1kB' }],
  ['timeout', { timeout: 2000 }, { kind: 'timeout', at: 'head', for: '2000ms' }],
  ['timeout', { timeout: 0, stream: 'upstream' }, { kind: 'timeout', at: 'request' }],
  ['reset_peer', {}, { kind: 'disconnect', how: 'reset', at: 'head' }],
  [
    'reset_peer',
    { timeout: 500, stream: 'upstream' },
    { kind: 'timeout', at: 'request', for: '500ms', end: 'reset' },
  ],
  ['limit_data', { bytes: 4096 }, { kind: 'disconnect', how: 'close', at: { bytes_down: '4096B' } }],
  [
    'limit_data',
    { bytes: 1, stream: 'upstream' },
    { kind: 'disconnect', how: 'close', at: { bytes_up: '1B' } },
  ],
];

test.each(MEANINGS)('%s %j', (name, params, fault) => {
  expect(readAlias(name, params, isKind)).toEqual({ fault });
  const { kind, ...own } = fault as { kind: string };
  expect(faultCatalogue.get(kind)?.params.safeParse(own).error).toBeUndefined();
  expect(explained({ kind: name, ...params })).toBe(explained(fault));
});

test('every alias has a meaning above, and an example that is read', () => {
  expect(new Set(faultAliases.map(({ name }) => name))).toEqual(new Set(MEANINGS.map(([name]) => name)));
  for (const { name, example } of faultAliases)
    expect(readAlias(name, example as Record<string, unknown>, isKind)).toHaveProperty('fault');
});

test('no alias is named like a preset', () => {
  for (const { name } of faultAliases) expect(faultPresets.has(name)).toBe(false);
});

test('a name alone is enough where nothing is to be said', () => {
  expect(explained('CONNECTION_RESET_BY_PEER')).toMatch(
    /^disconnect-1: .*disconnect \(how reset, at request\)/,
  );
});

describe('a name that one of our kinds has too', () => {
  test.each([
    ['latency', { delay: '1s' }],
    ['timeout', {}],
    ['timeout', { for: '5s' }],
    ['bandwidth', { down: '1KiB' }],
    ['latency', { delay: '1s', latency: 5 }],
  ])('%s %j stays ours', (name, params) => {
    expect(readAlias(name, params, isKind)).toBeUndefined();
  });
});

describe('refused, with the cure', () => {
  test.each<readonly [unknown, string]>([
    [{ kind: 'abort' }, 'http_status is a whole number from 400 to 599'],
    [{ kind: 'abort', http_status: 200 }, 'http_status is a whole number from 400 to 599'],
    [{ kind: 'abort', grpc_status: 14 }, 'the Claude API speaks no gRPC: give http_status'],
    [{ kind: 'abort', http_status: 503, percentage: 50 }, 'trigger: { probability: 0.5 }'],
    [{ kind: 'delay', fixed_delay: '5s', max_active_faults: 3 }, 'limit: { concurrent: 10 }'],
    [{ kind: 'latency', latency: 1000, toxicity: 0.5 }, 'toxicity stands beside the fault here'],
    [{ kind: 'timeout', attributes: { timeout: 1000 } }, 'write the attributes of a toxic side by side'],
    [{ kind: 'response_rate_limit', fixed_limit: 64 }, 'fixed_limit is { limit_kbps: 64 }'],
    [
      { kind: 'response_rate_limit', fixed_limit: { limit_kbps: 0 } },
      'limit_kbps is whole KiB per second, 1',
    ],
    [{ kind: 'bandwidth', rate: 1, stream: 'both' }, 'unknown key "rate"'],
    [{ kind: 'limit_data', bytes: '4KiB' }, 'bytes is a whole number'],
    [{ kind: 'limit_data', bytes: 0 }, 'bytes is a whole number, 1 or more'],
    [{ kind: 'slow_close', delay: 1000 }, 'holds back a FIN'],
    ['delay', 'fixed_delay is a duration such as 5s'],
    [{ kind: 'delay', fixed_delay: '5 seconds' }, '"5 seconds" is no duration'],
    [{ kind: 'EMPTY_RESPONSE', at: 'head' }, 'at'],
    ...[...unlikeHere].map(([name, near]) => [name, near] as const),
  ])('%j', (fault, message) => {
    const compile = () => compileRules([{ fault }], { seed: '1', messages: 'real' });
    expect(compile).toThrow(RulesProblem);
    expect(compile).toThrow(message);
  });
});

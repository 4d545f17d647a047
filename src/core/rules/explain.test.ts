import { describe, expect, it } from 'vitest';
import { requestFacts } from '../../../test/support/request-facts.ts';
import { testLibrary } from '../../../test/support/test-faults.ts';
import { faultAliases } from '../faults/aliases.ts';
import { compileRules } from './compile.ts';
import { dryRun } from './dry-run.ts';
import { explainRule } from './explain.ts';
import { rulesJsonSchema } from './rules-schema.ts';
import { warningsFor } from './warnings.ts';

const ENV = { seed: '42', messages: 'simulated', library: testLibrary } as const;
const explain = (spec: object): string => explainRule(compileRules([spec], ENV).rules[0]!);

describe('explainRule', () => {
  it.each<readonly [object, string]>([
    [
      { name: 'default', trigger: { probability: 0.3 }, fault: { kind: 'http-error', status: 429 } },
      'default: every call gets http-error (status 429) with probability 0.3.',
    ],
    [
      {
        name: 'opus',
        when: { path: '/v1/messages', model: 'claude-opus-*', stream: true },
        trigger: { first: 2 },
        fault: 'overloaded',
      },
      'opus: every call where path is /v1/messages and model matches claude-opus-* and a streamed answer is asked for gets overloaded for the first 2 calls.',
    ],
    [
      { name: 'safe', when: { not: { client: { key: 'none' } } }, pass: true },
      "safe: every call where not (the key's fingerprint is none) passes, whatever the rules below say.",
    ],
    [
      {
        name: 'r',
        limit: { times: 3, concurrent: 1, per: 'client' },
        cooldown: '10s',
        faults: [{ kind: 'latency', delay: '1s' }, 'overloaded'],
      },
      'r: every call gets latency (delay 1s) and overloaded, at most 3 times and at most 1 at one time per client, then not again for 10s.',
    ],
    [
      {
        name: 'r',
        outcomes: [
          { weight: 1, fault: 'overloaded' },
          { weight: 3, pass: true },
        ],
      },
      'r: every call gets one of overloaded (25 %), nothing (75 %).',
    ],
    [
      {
        name: 'c',
        when: { host: 'a' },
        trigger: { nth: [1, 3] },
        fault: { kind: 'test-slow-accept', ms: 5 },
      },
      'c: every connection where host is a gets test-slow-accept (ms 5) for the 1st and 3rd calls.',
    ],
  ])('%j', (spec, sentence) => {
    expect(explain(spec)).toBe(sentence);
  });
});

describe('warningsFor', () => {
  const warnings = (specs: readonly object[]): string[] =>
    warningsFor(compileRules(specs, ENV).rules).map(({ rule, message }) => `${rule}: ${message}`);

  it.each<readonly [string, readonly object[], RegExp]>([
    [
      'counts that others spend',
      [
        { trigger: { first: 1 }, fault: 'overloaded' },
        { name: 'b', trigger: { first: 2 }, fault: 'overloaded' },
      ],
      /^b: it counts every call.*"for the first 2 calls".*http-error-1/,
    ],
    [
      'time',
      [{ name: 't', trigger: { window: { for: '1s' } }, fault: 'overloaded' }],
      /^t: its trigger depends on time: .*--replay/,
    ],
    ['cooldown', [{ name: 't', cooldown: '1s', fault: 'overloaded' }], /^t: cooldown depends on time/],
    [
      'concurrency',
      [{ name: 't', limit: { concurrent: 1 }, fault: 'overloaded' }],
      /^t: limit.concurrent depends on calls in flight/,
    ],
    ['probability 0', [{ name: 't', trigger: { probability: 0 }, fault: 'overloaded' }], /never fires/],
    ['times 0', [{ name: 't', limit: { times: 0 }, fault: 'overloaded' }], /never acts/],
    [
      'draws of unnamed rules',
      [
        { when: { stream: true }, fault: 'overloaded' },
        { trigger: { probability: 0.5 }, fault: 'overloaded' },
      ],
      /^http-error-2: .*give it a name/,
    ],
    [
      'stream faults on whole answers',
      [{ name: 't', when: { stream: false }, fault: { kind: 'test-hush' } }],
      /^t: test-hush acts on streamed answers/,
    ],
  ])('tells of %s', (_, specs, message) => {
    const told = warnings(specs);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(message);
  });

  it('is silent where all is as meant', () => {
    expect(
      warnings([
        { name: 'a', when: { stream: true }, trigger: { first: 2 }, fault: 'overloaded' },
        { name: 'b', when: { stream: false }, trigger: { first: 2 }, fault: 'overloaded' },
        { name: 'c', trigger: { probability: 0.5 }, fault: 'overloaded' },
      ]),
    ).toEqual([]);
  });
});

describe('dryRun', () => {
  const specs = [
    { name: 'opus', when: { model: 'claude-opus-*' }, trigger: { first: 1 }, fault: 'overloaded' },
    { name: 'haiku', when: { model: 'claude-haiku-*' }, fault: 'overloaded' },
    { name: 'again', when: { attempt: 1 }, fault: { kind: 'http-error', status: 500 } },
    { name: 'last', trigger: { nth: [3] }, fault: 'timeout' },
  ];

  it('says which rule fires on which call, and why the others do not', () => {
    const steps = dryRun(specs, ENV, requestFacts({ json: { model: 'claude-opus-4-6' } }), { count: 3 });
    expect(steps.map(({ ordinal, rule, faults }) => [ordinal, rule, faults])).toEqual([
      [1, 'opus', ['http-error']],
      [2, 'again', ['http-error']],
      [3, 'last', ['timeout']],
    ]);
    expect(steps[0]!.why).toBe('rule opus fires on its match 1: fires on the first 1: http-error.');
    expect(steps[0]!.others).toEqual([
      { rule: 'haiku', reason: 'not so: model matches claude-haiku-*' },
      { rule: 'again', reason: 'not so: attempt is 1' },
      { rule: 'last', reason: 'rule opus, above it, took the call' },
    ]);
    expect(steps[1]!.others[0]).toEqual({
      rule: 'opus',
      reason: 'rule opus does not fire on its match 2: fires on the first 1',
    });
  });

  it('lets time pass between calls, if told so', () => {
    const timed = [{ name: 't', trigger: { window: { from: '1s', for: '1s' } }, fault: 'overloaded' }];
    const steps = dryRun(timed, ENV, requestFacts(), { count: 4, intervalMs: 500 });
    expect(steps.map(({ rule }) => rule)).toEqual([null, null, 't', 't']);
    expect(steps[0]!.why).toBe(
      'passes: rule t does not fire on its match 1: 0.0s after start is outside its window (from 1s after start on for 1s).',
    );
  });
});

describe('rulesJsonSchema', () => {
  const schema = rulesJsonSchema(testLibrary);
  const definitions = schema.$defs as Record<
    string,
    { anyOf?: readonly Record<string, unknown>[]; properties?: object }
  >;

  it('names every fault with its parameters, every preset and every alias', () => {
    const forms = definitions.fault!.anyOf!;
    expect(forms).toHaveLength(1 + testLibrary.catalogue.size + faultAliases.length);
    const [names, ...kinds] = forms;
    expect(names!.enum).toEqual(
      expect.arrayContaining(['overloaded', 'timeout', 'test-hush', 'EMPTY_RESPONSE']),
    );
    expect(names!.enum).not.toContain('latency');
    expect(kinds.map((kind) => (kind.properties as { kind: { const: string } }).kind.const).sort()).toEqual(
      [...testLibrary.catalogue.keys(), ...faultAliases.map(({ name }) => name)].sort(),
    );
  });

  it('describes every key of a rule, and of when and trigger', () => {
    for (const part of ['rule', 'when', 'trigger']) {
      for (const [key, value] of Object.entries(definitions[part]!.properties!)) {
        if (['any', 'all', 'not', 'fault'].includes(key)) continue;
        expect((value as { description?: string }).description, `${part}.${key}`).toBeTruthy();
      }
    }
    expect(JSON.stringify(schema)).not.toMatch(/__schema/);
  });
});

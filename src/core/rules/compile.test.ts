import { describe, expect, it } from 'vitest';
import { testLibrary } from '../../../test/support/test-faults.ts';
import { compileRules } from './compile.ts';
import { type RuleIssue, RulesProblem } from './rule-problem.ts';

const ENV = { seed: '1', messages: 'simulated', library: testLibrary } as const;
const lateHead = { kind: 'latency', delay: '1s', at: 'head' };
const idleEnd = { kind: 'disconnect', at: { idle: '1s' } };
const fault = 'overloaded';

function issuesOf(specs: readonly unknown[]): readonly RuleIssue[] {
  try {
    compileRules(specs, ENV);
  } catch (error) {
    if (error instanceof RulesProblem) return error.issues;
    throw error;
  }
  return [];
}

/** Rule, path below `rules[0]`, words of the message. */
const refused: readonly (readonly [unknown, string, RegExp])[] = [
  ['x', '', /expected a mapping/],
  [null, '', /expected a mapping/],
  [{}, '', /exactly one thing: give one of fault, faults, outcomes and pass: true/],
  [{ pass: true, fault }, '', /exactly one thing/],
  [{ pass: false }, 'pass', /expected true/],
  [{ falt: fault }, 'falt', /unknown key "falt"\. Did you mean fault\?/],
  [{ name: 'a b', fault }, 'name', /up to 64 letters/],
  // faults
  [{ fault: 'overloadd' }, 'fault', /unknown fault "overloadd"\. Did you mean overloaded\?/],
  [{ fault: { kind: 'http-eror' } }, 'fault.kind', /unknown kind "http-eror"\. Did you mean http-error\?/],
  [{ fault: { kind: 'overloaded' } }, 'fault.kind', /is a preset, not a kind: write fault: overloaded/],
  [{ fault: { kind: 'zzzzzz' } }, 'fault.kind', /Known: .*http-error/],
  [{ fault: { kind: 'http-error', status: 200 } }, 'fault.status', /from 400 to 599/],
  [{ fault: { kind: 'http-error', statuss: 400 } }, 'fault.statuss', /Did you mean status\?/],
  [{ faults: [fault, { kind: 'latency', delay: 5 }] }, 'faults.1.delay', /5 is no duration/],
  [{ fault: 'latency' }, 'fault', /latency needs parameters/],
  [{ fault: 5 }, 'fault', /expected a text or a mapping/],
  [{ faults: [] }, 'faults', /at least one fault/],
  [{ faults: [fault, 'rate-limit'] }, 'faults.1', /each of them answers or ends the call.*outcomes/],
  [{ faults: [{ kind: 'timeout' }, fault] }, 'faults.1', /cannot act together with timeout/],
  [{ faults: [fault, { kind: 'test-hush' }] }, 'faults.1', /a stream fault needs an event stream/],
  [{ faults: [{ kind: 'timeout' }, { kind: 'test-hush' }] }, 'faults.1', /ends before there is an answer/],
  [{ faults: [{ kind: 'timeout' }, lateHead] }, 'faults.1', /ends before there is an answer/],
  [{ faults: [lateHead, { kind: 'timeout' }] }, 'faults.1', /ends before there is an answer/],
  [{ faults: [{ kind: 'timeout' }, idleEnd] }, 'faults.1', /ends before its connection can idle/],
  [{ faults: [idleEnd, idleEnd] }, 'faults.1', /is ended once/],
  [
    { faults: [{ kind: 'refuse-connect' }, { kind: 'tls', flaw: 'expired' }] },
    'faults.1',
    /ends before its handshake/,
  ],
  [{ faults: [fault, { kind: 'test-slow-accept', ms: 1 }] }, 'faults.1', /make two rules/],
  [{ outcomes: [] }, 'outcomes', /at least one outcome/],
  [{ outcomes: [{ weight: 0, fault }] }, 'outcomes', /all weights are 0/],
  [{ outcomes: [{ weight: -1, fault }] }, 'outcomes.0.weight', /not negative/],
  [{ outcomes: [{ weight: 1 }] }, 'outcomes.0', /exactly one of fault, faults and pass/],
  [{ outcomes: [{ wait: 1, fault }] }, 'outcomes.0.wait', /unknown key "wait"/],
  // when
  [{ when: [], fault }, 'when', /expected a mapping/],
  [{ when: { modle: 'x' }, fault }, 'when.modle', /Did you mean model\?/],
  [{ when: { not: { any: [{ modle: 'x' }] } }, fault }, 'when.not.any.0.modle', /Did you mean model\?/],
  [{ when: { path: 'v1' }, fault }, 'when.path', /begins with \//],
  [{ when: { path: ['/v1?a=b'] }, fault }, 'when.path.0', /match it with `query`/],
  [{ when: { path: '/v1/***' }, fault }, 'when.path', /not \*\*\*/],
  [{ when: { method: 'post' }, fault }, 'when.method', /in capitals/],
  [{ when: { host: 'https://x' }, fault }, 'when.host', /not a host/],
  [{ when: { header: {} }, fault }, 'when.header', /at least one header/],
  [{ when: { header: { 'x a': true } }, fault }, 'when.header.x a', /not a header name/],
  [{ when: { header: { 'X-A': true, 'x-a': 'b' } }, fault }, 'when.header', /named twice/],
  [
    { when: { header: { 'x-a': { regex: '(' } } }, fault },
    'when.header.x-a.regex',
    /not a regular expression/,
  ],
  [{ when: { header: { 'x-a': { regx: 'a' } } }, fault }, 'when.header.x-a.regx', /Did you mean regex\?/],
  [{ when: { header: { 'x-a': { glob: 'a', equals: 'b' } } }, fault }, 'when.header.x-a', /exactly one of/],
  [{ when: { stream: 'yes' }, fault }, 'when.stream', /expected true or false/],
  [
    { when: { body: 'body.x >' }, fault },
    'when.body',
    /^[^\n]*not a CEL expression over `body` \(.+\): write one such as [^\n]*$/,
  ],
  [{ when: { body: 'size(body)' }, fault }, 'when.body', /true or false, but this expression is a int/],
  [{ when: { body: 'boddy.x == 1' }, fault }, 'when.body', /Unknown variable: boddy/],
  [{ when: { client: { key: 'sk-ant-x' } }, fault }, 'when.client.key', /never the key itself/],
  [{ when: { client: {} }, fault }, 'when.client', /give key or user_agent/],
  [{ when: { attempt: { min: 3, max: 1 } }, fault }, 'when.attempt', /swap them/],
  [{ when: { any: [] }, fault }, 'when.any', /matches nothing/],
  [{ when: { stream: true, not: { stream: true } }, fault }, 'when', /can never match.*exclude each other/],
  [{ when: { path: '/a', all: [{ path: '/b' }] }, fault }, 'when', /can never match/],
  [
    { when: { model: 'x' }, fault: { kind: 'test-slow-accept', ms: 1 } },
    'when.model',
    /acts on a connection/,
  ],
  [
    {
      when: { host: 'a', any: [{ via: 'connect' }, { path: '/x' }] },
      fault: { kind: 'test-slow-accept', ms: 1 },
    },
    'when.any.1.path',
    /cannot be known: match host, sni or via/,
  ],
  // trigger
  [{ trigger: 'sometimes', fault }, 'trigger', /expected "always" or a mapping/],
  [{ trigger: {}, fault }, 'trigger', /say when the rule fires/],
  [{ trigger: { probabilty: 0.1 }, fault }, 'trigger.probabilty', /Did you mean probability\?/],
  [{ trigger: { probability: 2 }, fault }, 'trigger.probability', /from 0 \(never\) to 1/],
  [{ trigger: { probability: '0.5' }, fault }, 'trigger.probability', /expected a number/],
  [{ trigger: { first: 0 }, fault }, 'trigger.first', /starts at 1/],
  [{ trigger: { first: 2, nth: [5] }, fault }, 'trigger', /can never fire/],
  [{ trigger: { every: { n: 2, for: 5 } }, fault }, 'trigger.every', /greater than n/],
  [{ trigger: { window: { from: 30, for: '45s' } }, fault }, 'trigger.window', /not both at once/],
  [{ trigger: { window: { from: 10, to: 5 } }, fault }, 'trigger.window', /`to` must be after `from`/],
  [{ trigger: { window: { from: 1, to: 5, for: 2 } }, fault }, 'trigger.window', /`to` or `for`, not both/],
  [{ trigger: { window: { for: '10m', every: '5m' } }, fault }, 'trigger.window', /longer than its round/],
  [{ trigger: { window: { for: 3, since: 'first-match' } }, fault }, 'trigger.window', /for windows of time/],
  [{ trigger: { window: {} }, fault }, 'trigger.window', /at least one of/],
  [{ trigger: { window: { for: '10' } }, fault }, 'trigger.window.for', /is no duration/],
  [{ trigger: { burst: { enter: 0.1 } }, fault }, 'trigger.burst.leave', /missing/],
  [
    { trigger: { burst: { enter: 0.1, leave: 0.2, step: '10ms' } }, fault },
    'trigger.burst.step',
    /at least 1s/,
  ],
  [{ trigger: { ramp: { over: 10, since: 'armed' } }, fault }, 'trigger.ramp', /since counts time/],
  [{ trigger: { once_per: 'client' }, fault }, 'trigger.once_per', /expected "conversation"/],
  [
    { trigger: { once_per: 'conversation' }, fault: { kind: 'test-slow-accept', ms: 1 } },
    'trigger',
    /no conversation/,
  ],
  // limit
  [{ limit: {}, fault }, 'limit', /give times or concurrent/],
  [{ limit: { times: 1, per: 'host' }, fault }, 'limit.per', /"rule" or "client" or "model"/],
  [{ limit: { times: -1 }, fault }, 'limit.times', /./],
  [{ limit: { concurrent: 1 }, fault: { kind: 'test-slow-accept', ms: 1 } }, 'limit', /only limit\.times/],
  [{ cooldown: 10, fault }, 'cooldown', /10 is no duration.*did you mean 10s/],
  [{ cooldown: '0s', fault }, 'cooldown', /does nothing/],
];

describe('compileRules refuses', () => {
  it.each(refused)('%j', (spec, path, message) => {
    const issues = issuesOf([spec]);
    expect(issues.map((issue) => issue.path.slice(1).join('.'))).toContain(path);
    const issue = issues.find((one) => one.path.slice(1).join('.') === path)!;
    expect(issue.path[0]).toBe(0);
    expect(issue.message).toMatch(message);
    expect(issues, 'one mistake is told once').toHaveLength(1);
  });

  it('two rules of one name', () => {
    const issues = issuesOf([
      { name: 'a', when: { stream: true }, fault },
      { name: 'a', fault },
    ]);
    expect(issues).toMatchObject([
      { path: [1, 'name'], message: expect.stringMatching(/two rules are called a/) },
    ]);
  });

  it.each<readonly [string, readonly object[]]>([
    [
      'the same calls',
      [
        { name: 'a', fault },
        { name: 'b', when: { stream: true }, fault },
      ],
    ],
    [
      'probability 1',
      [
        { name: 'a', trigger: { probability: 1 }, fault },
        { name: 'b', fault },
      ],
    ],
    [
      'a wider path',
      [
        { name: 'a', when: { path: '/v1/**' }, pass: true },
        { name: 'b', when: { path: '/v1/messages' }, fault },
      ],
    ],
    [
      'on a connection',
      [
        { name: 'a', fault: { kind: 'test-slow-accept', ms: 1 } },
        { name: 'b', when: { host: 'x' }, fault: { kind: 'test-slow-accept', ms: 2 } },
      ],
    ],
  ])('a rule behind one that takes all its calls: %s', (_, specs) => {
    expect(issuesOf(specs)).toMatchObject([
      {
        path: [1],
        message: expect.stringMatching(/^rule b can never act: rule a above it takes every call/),
      },
    ]);
  });

  it.each<readonly [string, readonly object[]]>([
    ['a limit lets some through', [{ limit: { times: 1 }, fault }, { fault }]],
    ['a cooldown lets some through', [{ cooldown: '1s', fault }, { fault }]],
    ['chance lets some through', [{ trigger: { probability: 0.99 }, fault }, { fault }]],
    ['narrower', [{ when: { stream: true }, fault }, { fault }]],
    ['another phase', [{ fault: { kind: 'test-slow-accept', ms: 1 } }, { fault }]],
    ['one that protects connections, too', [{ when: { host: 'a' }, pass: true }, { fault }]],
  ])('but not where %s', (_, specs) => {
    expect(issuesOf(specs)).toEqual([]);
  });

  it('all mistakes at once, in words that name the place', () => {
    expect(() => compileRules([{ fault: 'x1' }, { when: { modle: 1 }, fault }, {}], ENV)).toThrow(
      /rules\[1\]\.when\.modle: [\s\S]*rules\[2\]: /,
    );
  });
});

describe('names', () => {
  it('of unnamed rules are kind and running number, past those given', () => {
    const rules = compileRules(
      [
        { when: { stream: true }, fault },
        { name: 'http-error-2', when: { stream: false }, fault: { kind: 'latency', delay: '1s' } },
        { when: { path: '/a' }, fault: { kind: 'http-error', status: 500 } },
        { when: { path: '/b' }, pass: true },
        { when: { path: '/c' }, outcomes: [{ pass: true }, { fault: 'timeout' }] },
      ],
      ENV,
    );
    expect([...new Set(rules.rules.map(({ name }) => name))]).toEqual([
      'http-error-1',
      'http-error-2',
      'http-error-3',
      'pass-1',
      'timeout-1',
    ]);
  });
});

describe('what the engine must collect', () => {
  it.each<readonly [object, Partial<Record<'body' | 'connection' | 'usage', boolean>>]>([
    [{ when: { header: { a: true } }, fault }, {}],
    [{ when: { model: 'x' }, fault }, { body: true }],
    [{ limit: { times: 1, per: 'model' }, fault }, { body: true }],
    [{ trigger: { once_per: 'conversation' }, fault }, { body: true }],
    [{ fault: { kind: 'test-budget', tokens: 1 } }, { body: true, usage: true }],
    [{ fault: { kind: 'test-slow-accept', ms: 1 } }, { connection: true }],
  ])('%j', (spec, needs) => {
    expect(compileRules([spec], ENV).needs).toEqual({
      body: false,
      connection: false,
      usage: false,
      ...needs,
    });
  });
});

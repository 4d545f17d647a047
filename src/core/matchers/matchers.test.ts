import { describe, expect, it } from 'vitest';
import { type CallSpec, requestFacts } from '../../../test/support/request-facts.ts';
import { compileCondition, conditionOf, restOf, scopeOf, type WhenSpec, whenSchema } from './when.ts';

const test = (when: WhenSpec, call: CallSpec = {}, attempt = 0): boolean | undefined =>
  compileCondition(conditionOf(whenSchema.parse(when))).test(requestFacts(call), { attempt: () => attempt });

const cases: readonly (readonly [WhenSpec, CallSpec, boolean | undefined])[] = [
  [{}, {}, true],
  [{ method: 'POST' }, {}, true],
  [{ method: ['GET', 'HEAD'] }, {}, false],
  [{ path: '/v1/*' }, {}, true],
  [{ path: ['/v1/models', '/v1/messages/**'] }, {}, false],
  [{ host: 'api.anthropic.com' }, {}, true],
  [{ host: 'api.anthropic.com:8443' }, {}, false],
  [{ host: '*.anthropic.com:443' }, {}, true],
  [{ host: '[::1]:443' }, { host: '::1' }, true],
  [{ header: { 'X-A': true } }, { headers: { 'x-a': '' } }, true],
  [{ header: { 'x-a': false } }, { headers: { 'x-a': '' } }, false],
  [{ header: { 'x-a': false } }, {}, true],
  [{ header: { 'x-a': '*' } }, { headers: { 'x-a': 'b' } }, false],
  [{ header: { 'x-a': { glob: 'b*' } } }, { headers: { 'x-a': 'bc' } }, true],
  [{ header: { 'x-a': { equals: 'BC', ignore_case: true } } }, { headers: { 'x-a': 'bc' } }, true],
  [{ header: { 'x-a': { glob: 'B*', ignore_case: true } } }, { headers: { 'x-a': 'bc' } }, true],
  [{ header: { 'x-a': { regex: '^b.$' } } }, { headers: { 'x-a': 'bc' } }, true],
  [{ header: { 'x-a': { regex: '^B.$' } } }, { headers: { 'x-a': 'bc' } }, false],
  [{ header: { 'x-a': { regex: 'x' }, 'x-b': true } }, { headers: { 'x-a': 'x' } }, false],
  [{ query: { beta: 'true' } }, { query: 'a=1&beta=true' }, true],
  [{ query: { beta: false } }, { query: 'a=1&beta=true' }, false],
  [{ query: { a: { glob: 'x y*' } } }, { query: 'a=x+y%2Fz' }, true],
  [{ model: 'claude-opus-*' }, { json: { model: 'claude-opus-4-6' } }, true],
  [{ model: 'claude-opus-*' }, { json: { model: 7 } }, false],
  [{ model: 'claude-opus-*' }, {}, false],
  [{ model: 'claude-opus-*' }, { bodyState: 'truncated' }, undefined],
  [{ not: { model: 'claude-opus-*' } }, { bodyState: 'truncated' }, undefined],
  [{ not: { model: 'claude-opus-*' } }, {}, true],
  [{ stream: true }, { json: { stream: true } }, true],
  [{ stream: false }, { json: {} }, true],
  [{ stream: false }, {}, false],
  [{ body: 'size(body.messages) > 1' }, { json: { messages: [1, 2] } }, true],
  [{ body: 'size(body.messages) > 1' }, { json: {} }, false],
  [{ not: { body: 'size(body.messages) > 1' } }, { json: {} }, true],
  [
    { body: 'body.max_tokens >= 1000 && body.temperature < 0.5' },
    { json: { max_tokens: 1000, temperature: 0.25 } },
    true,
  ],
  [{ body: 'body.tools.exists(t, t.name == "Bash")' }, { json: { tools: [{ name: 'Bash' }] } }, true],
  [{ body: 'has(body.thinking)' }, { json: [] }, false],
  [{ body: 'body.model.startsWith("claude")' }, { json: { model: 'claude-x' } }, true],
  [{ body: 'true' }, { bodyState: 'unreadable' }, undefined],
  [{ client: { key: '0123456789ab' } }, {}, true],
  [{ client: { key: ['none', 'ffffffffffff'] } }, {}, false],
  [{ client: { user_agent: 'claude-cli/*' } }, { headers: { 'user-agent': 'claude-cli/2.1' } }, true],
  [
    { client: { key: 'none', user_agent: 'claude-cli/*' } },
    { headers: { 'user-agent': 'claude-cli/2.1' } },
    false,
  ],
  [{ sni: '*.anthropic.com' }, {}, true],
  [{ sni: false }, { sni: undefined }, true],
  [{ sni: '*' }, { sni: undefined }, false],
  [{ connection: 'fresh' }, {}, true],
  [{ connection: 'reused' }, { reused: true }, true],
  [{ via: ['origin', 'connect'] }, {}, true],
  [{ via: 'plugin' }, {}, false],
  [{ any: [{ method: 'GET' }, { path: '/v1/messages' }] }, {}, true],
  [{ any: [{ method: 'GET' }, { path: '/other' }] }, {}, false],
  [{ any: [{ stream: true }, { method: 'POST' }] }, { bodyState: 'truncated' }, true],
  [{ any: [{ stream: true }, { method: 'GET' }] }, { bodyState: 'truncated' }, undefined],
  [{ method: 'GET', stream: true }, { bodyState: 'truncated' }, false],
  [{ method: 'POST', not: { any: [{ path: '/a' }, { path: '/b' }] } }, {}, true],
  [{ all: [{ method: 'POST' }, { not: { path: '/v1/messages' } }] }, {}, false],
];

describe('when', () => {
  it.each(cases)('%j on %j is %s', (when, call, expected) => {
    expect(test(when, call)).toBe(expected);
  });

  it.each(cases)('scope and rest of %j on %j say the same together', (when, call, expected) => {
    const facts = requestFacts(call);
    const verdicts = [scopeOf(conditionOf(when)), restOf(conditionOf(when))].map((part) =>
      part ? compileCondition(part).test(facts, { attempt: () => 0 }) : true,
    );
    const both = verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true;
    expect(both).toBe(expected);
  });

  it('attempt asks the memory', () => {
    expect(test({ attempt: 1 }, {}, 1)).toBe(true);
    expect(test({ attempt: 1 }, {}, 2)).toBe(false);
    expect(test({ attempt: [0, { min: 3 }] }, {}, 4)).toBe(true);
    expect(test({ attempt: { min: 1, max: 2 } }, {}, 3)).toBe(false);
  });

  it('parses no body when something cheaper fails', () => {
    const facts = requestFacts();
    const trap = {
      ...facts,
      get body(): never {
        throw new Error('the body was read');
      },
    };
    const condition = compileCondition(
      conditionOf({ model: 'x', body: 'true', not: { header: { 'x-a': false } } }),
    );
    expect(condition.test(trap, { attempt: () => 0 })).toBe(false);
  });

  it('says which part fails', () => {
    const condition = compileCondition(conditionOf({ path: '/v1/messages', model: 'claude-opus-*' }));
    const memory = { attempt: () => 0 };
    expect(condition.failing(requestFacts({ json: { model: 'x' } }), memory)).toBe(
      'not so: model matches claude-opus-*',
    );
    expect(condition.failing(requestFacts({ bodyState: 'truncated' }), memory)).toBe(
      'cannot tell, the body is not readable: model matches claude-opus-*',
    );
    expect(condition.failing(requestFacts({ json: { model: 'claude-opus-4' } }), memory)).toBeUndefined();
  });
});

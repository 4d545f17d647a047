import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestFacts } from '../../../test/support/request-facts.ts';
import { contradictionIn, implies } from './algebra.ts';
import { compileCondition, conditionOf, type WhenSpec } from './when.ts';

const of = conditionOf;

describe('contradictionIn', () => {
  it.each<WhenSpec>([
    { stream: true, not: { stream: true } },
    { path: '/a', all: [{ path: '/b*' }] },
    { method: 'GET', all: [{ method: ['POST', 'PUT'] }] },
    { header: { 'x-a': true }, all: [{ header: { 'X-A': false } }] },
    { header: { 'x-a': 'b' }, all: [{ header: { 'x-a': { regex: '^c' } } }] },
    { model: 'claude-opus-4', not: { model: 'claude-opus-*' } },
    { attempt: 0, all: [{ attempt: { min: 1 } }] },
    { host: 'a.com:1', all: [{ host: 'a.com:2' }] },
    { method: 'GET', any: [{ method: 'POST' }, { method: 'PUT' }] },
    { method: 'GET', not: { any: [{ path: '/a' }, { method: 'GET' }] } },
  ])('finds it in %j', (when) => {
    expect(contradictionIn(of(when))).toBeTypeOf('string');
  });

  it.each<WhenSpec>([
    {},
    { path: '/a*', all: [{ path: '/*b' }] },
    { stream: true, not: { model: 'x' } },
    { model: 'claude-*', not: { model: 'claude-opus-*' } },
    { not: { any: [{ stream: true }, { stream: false }] } },
    { any: [{ method: 'GET' }, { method: 'POST' }], not: { method: 'GET' } },
  ])('finds none in %j', (when) => {
    expect(contradictionIn(of(when))).toBeUndefined();
  });
});

describe('implies', () => {
  it.each<readonly [WhenSpec, WhenSpec, boolean]>([
    [{ path: '/v1/messages', stream: true }, { path: '/v1/**' }, true],
    [{ path: '/v1/**' }, { path: '/v1/messages' }, false],
    [{}, {}, true],
    [{ stream: true }, {}, true],
    [{}, { stream: true }, false],
    [{ method: 'GET' }, { any: [{ method: ['GET', 'POST'] }, { stream: true }] }, true],
    [{ any: [{ path: '/a' }, { path: '/b' }] }, { path: '/*' }, true],
    [{ any: [{ path: '/a' }, { path: '/b/c' }] }, { path: '/*' }, false],
    [{ method: 'POST' }, { not: { method: 'GET' } }, true],
    [{ not: { model: '*' } }, { not: { model: 'a*' } }, true],
    [{ not: { model: 'a*' } }, { not: { model: '*' } }, false],
    [{ client: { key: 'none' } }, { client: { key: 'none' } }, true],
    [{ header: { 'x-a': 'b', 'x-c': true } }, { header: { 'x-a': true } }, true],
    [{ attempt: 2 }, { attempt: { min: 1 } }, true],
  ])('%j => %j: %s', (narrow, wide, expected) => {
    expect(implies(of(narrow), of(wide))).toBe(expected);
  });
});

describe('what it claims holds for every call', () => {
  const leaf: fc.Arbitrary<WhenSpec> = fc.oneof(
    fc.constantFrom<WhenSpec>(
      { stream: true },
      { stream: false },
      { model: 'a*' },
      { model: '*b' },
      { model: 'ab' },
    ),
    fc.constantFrom<WhenSpec>(
      { method: 'GET' },
      { method: ['GET', 'POST'] },
      { path: '/a' },
      { path: '/a/*' },
      { path: '/**' },
    ),
    fc.constantFrom<WhenSpec>(
      { header: { h: true } },
      { header: { h: false } },
      { header: { h: 'x' } },
      { header: { h: { glob: 'x*' } } },
    ),
  );
  const { when } = fc.letrec<{ when: WhenSpec }>((tie) => ({
    when: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({ all: fc.array(tie('when'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ any: fc.array(tie('when'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ not: tie('when') }),
    ),
  }));
  const call = fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT'),
      path: fc.constantFrom('/a', '/a/b', '/c'),
      model: fc.constantFrom('ab', 'a', 'b', 'c', undefined),
      stream: fc.constantFrom(true, false, undefined),
      h: fc.constantFrom('x', 'xy', 'z', undefined),
      state: fc.constantFrom('held', 'none', 'truncated'),
    })
    .map(({ method, path, model, stream, h, state }) =>
      requestFacts({
        method,
        path,
        headers: h === undefined ? {} : { h },
        ...(state === 'held'
          ? { json: { model, stream } }
          : state === 'none'
            ? {}
            : { bodyState: 'truncated' as const }),
      }),
    );
  const holds = (spec: WhenSpec, facts: ReturnType<typeof requestFacts>): boolean =>
    compileCondition(of(spec)).test(facts, { attempt: () => 0 }) === true;

  it('an implication', () => {
    fc.assert(
      fc.property(when, when, call, (narrow, wide, facts) => {
        if (implies(of(narrow), of(wide)) && holds(narrow, facts)) expect(holds(wide, facts)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('a contradiction', () => {
    fc.assert(
      fc.property(when, call, (spec, facts) => {
        if (contradictionIn(of(spec)) !== undefined) expect(holds(spec, facts)).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});

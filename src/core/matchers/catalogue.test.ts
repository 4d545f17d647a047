/** Every matcher, whoever wrote it: a new one is tested by existing. What each lets in is in `matchers.test.ts`. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requestFacts } from '../../../test/support/request-facts.ts';
import type { ConnectionFacts } from '../facts.ts';
import { matcherCatalogue, matchers } from './catalogue.ts';
import { compileCondition, conditionOf, whenSchema } from './when.ts';

const memory = { attempt: () => 0 };

/** Connection facts that throw on whatever is not known on a connection. */
function connectionFacts(): ConnectionFacts {
  const { host, port, sni, via, peer } = requestFacts();
  return new Proxy(
    { host, port, sni, via, peer },
    {
      get(target, key) {
        if (key in target) return target[key as keyof ConnectionFacts];
        throw new Error(`${String(key)} is not known on a connection`);
      },
    },
  );
}

it('is keyed as the matchers are', () => {
  for (const [key, definition] of Object.entries(matchers)) expect(definition.key).toBe(key);
});

describe.each(matcherCatalogue.map((definition) => [definition.key, definition] as const))(
  '%s',
  (key, definition) => {
    it('is named and told as the docs need it', () => {
      expect(key).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(definition.summary).toMatch(/^[A-Z].{15,}\.$/);
      expect(definition.examples.length).toBeGreaterThan(0);
    });

    it.each(definition.examples.map((example) => [JSON.stringify(example), example]))(
      'example %s',
      (_, example) => {
        const params = definition.params.parse(example);
        expect(params, 'checking changes nothing').toEqual(example);
        const matcher = definition.compile(params);
        expect(matcher.explain().length).toBeGreaterThan(5);
        expect(matcher.explain()).not.toMatch(/undefined|\[object/);
        expect([true, false, undefined]).toContain(matcher.test(requestFacts({ json: {} }), memory));
        expect(() => matcher.test(requestFacts(), memory)).not.toThrow();
        if (definition.phase === 'connection') {
          expect(() => matcher.test(connectionFacts() as never, memory)).not.toThrow();
        }
        expect(definition.excludes?.(params, params) ?? false).toBe(false);
        expect(whenSchema.safeParse({ [key]: example }).error).toBeUndefined();
        expect(compileCondition(conditionOf({ [key]: example })).explain()).toBe(matcher.explain());
      },
    );

    it('says whether it can tell when the body is not readable', () => {
      const matcher = definition.compile(definition.params.parse(definition.examples[0]));
      for (const bodyState of ['truncated', 'unreadable'] as const) {
        const verdict = matcher.test(requestFacts({ bodyState }), memory);
        if (definition.reads === 'body' && !definition.remembers) expect(verdict).toBeUndefined();
        else expect(verdict).toBeTypeOf('boolean');
      }
    });

    it('only reads what decides the scope, if it says so', () => {
      if (definition.reads !== 'scope') return;
      const { host, port, method, path } = requestFacts();
      const only = { host, port, method, path };
      const verdict = definition
        .compile(definition.params.parse(definition.examples[0]))
        .test(only as never, memory);
      expect(verdict).toBeTypeOf('boolean');
    });

    it('refuses nonsense and has a JSON Schema', () => {
      expect(definition.params.safeParse({ no_such_thing: {} }).success).toBe(false);
      expect(definition.params.safeParse(null).success).toBe(false);
      expect(Object.keys(z.toJSONSchema(definition.params, { io: 'input' })).length).toBeGreaterThan(1);
    });
  },
);

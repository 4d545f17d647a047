/** `when` of a rule: all keys listed must hold; `any`, `all` and `not` nest. */
import { z } from 'zod';
import type { ConnectionFacts, RequestFacts } from '../facts.ts';
import { type MatcherKey, matcherCatalogue, type matchers } from './catalogue.ts';
import type { MatcherDefinition, Memory, Verdict } from './matcher.ts';

type Shape = { [K in MatcherKey]: z.ZodOptional<(typeof matchers)[K]['params']> };

const shape = Object.fromEntries(
  matcherCatalogue.map(({ key, params, summary }) => [key, params.optional().describe(summary)]),
) as unknown as Shape;

type Keys = { readonly [K in MatcherKey]?: z.output<(typeof matchers)[K]['params']> | undefined };

export interface WhenSpec extends Keys {
  readonly any?: readonly WhenSpec[] | undefined;
  readonly all?: readonly WhenSpec[] | undefined;
  readonly not?: WhenSpec | undefined;
}

type Nested = z.ZodOptional<z.ZodArray<z.ZodType<WhenSpec, WhenSpec>>>;

export const whenSchema: z.ZodType<WhenSpec, WhenSpec> = z
  .strictObject({
    ...shape,
    get any(): Nested {
      return z.array(whenSchema).min(1, 'an empty list matches nothing').optional();
    },
    get all(): Nested {
      return z.array(whenSchema).min(1, 'an empty list says nothing: leave it out').optional();
    },
    get not(): z.ZodOptional<z.ZodType<WhenSpec, WhenSpec>> {
      return whenSchema.optional();
    },
  })
  .meta({ id: 'when' });

/** A condition as a tree: what analysis (dead rules) and evaluation both walk. */
export type Condition =
  | {
      readonly op: 'is';
      readonly definition: MatcherDefinition;
      readonly params: unknown;
      /** Where it stands in the file, below `when`. */
      readonly path: readonly (string | number)[];
    }
  | { readonly op: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: readonly [Condition] };

/** @param path where `spec` stands in the file */
export function conditionOf(spec: WhenSpec, path: readonly (string | number)[] = []): Condition {
  const parts: Condition[] = [];
  for (const definition of matcherCatalogue) {
    const params: unknown = spec[definition.key as MatcherKey];
    if (params !== undefined) parts.push({ op: 'is', definition, params, path: [...path, definition.key] });
  }
  spec.all?.forEach((child, i) => {
    parts.push(conditionOf(child, [...path, 'all', i]));
  });
  if (spec.any) {
    parts.push({ op: 'any', of: spec.any.map((child, i) => conditionOf(child, [...path, 'any', i])) });
  }
  if (spec.not) parts.push({ op: 'not', of: [conditionOf(spec.not, [...path, 'not'])] });
  return parts.length === 1 ? parts[0]! : { op: 'all', of: parts };
}

/** The matchers that a condition names. */
export function leaves(condition: Condition): readonly (Condition & { op: 'is' })[] {
  return condition.op === 'is' ? [condition] : condition.of.flatMap(leaves);
}

/** A condition ready to be asked. Connection facts suffice where all its matchers are of the connection phase. */
export interface CompiledCondition {
  test(facts: RequestFacts | ConnectionFacts, memory: Memory): Verdict;
  explain(): string;
  /** The first part that does not hold, in words; undefined when all do. */
  failing(facts: RequestFacts | ConnectionFacts, memory: Memory): string | undefined;
}

type Compiled = CompiledCondition & { readonly cost: number };

const COST = { scope: 0, head: 1, body: 2 } as const;

export function compileCondition(condition: Condition): CompiledCondition {
  return compile(condition);
}

function compile(condition: Condition): Compiled {
  if (condition.op === 'is') {
    const matcher = condition.definition.compile(condition.params);
    return complete(
      COST[condition.definition.reads],
      (facts, memory) => matcher.test(facts as RequestFacts, memory),
      () => matcher.explain(),
    );
  }
  // Cheap ones first, so that a body is parsed only when all else holds.
  const parts = condition.of.map(compile).sort((a, b) => a.cost - b.cost);
  const cost = parts.reduce((most, part) => Math.max(most, part.cost), 0);
  if (condition.op === 'not') return negate(parts[0]!);
  return condition.op === 'all' ? allOf(parts, cost) : anyOf(parts, cost);
}

function complete(cost: number, test: CompiledCondition['test'], explain: () => string): Compiled {
  return {
    cost,
    test,
    explain,
    failing: (facts, memory) => {
      let why = 'the body is not readable';
      const verdict = test(facts, {
        attempt: (call) => memory.attempt(call),
        tooCostly: (reason) => {
          why = reason;
        },
      });
      if (verdict === true) return undefined;
      return verdict === false ? `not so: ${explain()}` : `cannot tell, ${why}: ${explain()}`;
    },
  };
}

function negate(part: Compiled): Compiled {
  return complete(
    part.cost,
    (facts, memory) => {
      const verdict = part.test(facts, memory);
      return verdict === undefined ? undefined : !verdict;
    },
    () => `not (${part.explain()})`,
  );
}

function allOf(parts: readonly Compiled[], cost: number): Compiled {
  const test: CompiledCondition['test'] = (facts, memory) => {
    let verdict: Verdict = true;
    for (const part of parts) {
      const one = part.test(facts, memory);
      if (one === false) return false;
      if (one === undefined) verdict = undefined;
    }
    return verdict;
  };
  return {
    cost,
    test,
    explain: () => parts.map((part) => part.explain()).join(' and '),
    failing: (facts, memory) => {
      for (const part of parts) {
        const failing = part.failing(facts, memory);
        if (failing !== undefined) return failing;
      }
      return undefined;
    },
  };
}

function anyOf(parts: readonly Compiled[], cost: number): Compiled {
  return complete(
    cost,
    (facts, memory) => {
      let verdict: Verdict = false;
      for (const part of parts) {
        const one = part.test(facts, memory);
        if (one === true) return true;
        if (one === undefined) verdict = undefined;
      }
      return verdict;
    },
    () => `(${parts.map((part) => part.explain()).join(' or ')})`,
  );
}

/**
 * The part of a condition that host, port, method and path decide: what a call must pass to be looked at at all.
 * A condition that reads more counts as true here.
 */
export function scopeOf(condition: Condition): Condition | undefined {
  switch (condition.op) {
    case 'is':
      return condition.definition.reads === 'scope' ? condition : undefined;
    case 'all': {
      const of = condition.of.map(scopeOf).filter((part) => part !== undefined);
      return of.length === 0 ? undefined : { op: 'all', of };
    }
    case 'any': {
      const of = condition.of.map(scopeOf);
      return of.every((part) => part !== undefined) ? { op: 'any', of } : undefined;
    }
    case 'not':
      return leaves(condition).every((leaf) => leaf.definition.reads === 'scope') ? condition : undefined;
  }
}

/** What `scopeOf` leaves to be asked; undefined when nothing is. Together they say the same as the condition. */
export function restOf(condition: Condition): Condition | undefined {
  if (condition.op === 'all') {
    const of = condition.of.map(restOf).filter((part) => part !== undefined);
    return of.length === 0 ? undefined : { op: 'all', of };
  }
  return leaves(condition).every((leaf) => leaf.definition.reads === 'scope') ? undefined : condition;
}

/**
 * What follows from a condition, worked out on the rules alone: whether any call can satisfy it, and whether
 * satisfying one means satisfying another. Careful: it claims only what is certain, so that no working rule is refused.
 */
import { type Condition, compileCondition } from './when.ts';

type Leaf = Condition & { readonly op: 'is' };

/** A matcher that must hold, or must not. */
interface Literal {
  readonly leaf: Leaf;
  readonly holds: boolean;
}

/** All literals of a term hold together; a condition holds if one of its terms does. */
type Term = readonly Literal[];

/** Beyond this many terms a condition is taken as it stands: certain of nothing. */
const MOST_TERMS = 64;

/** The condition as alternatives of literals; undefined when there are too many. */
function termsOf(condition: Condition, holds = true): readonly Term[] | undefined {
  if (condition.op === 'is') return [[{ leaf: condition, holds }]];
  if (condition.op === 'not') return termsOf(condition.of[0], !holds);
  // De Morgan: a denied `all` is an `any` of denied parts, and the other way round.
  const together = (condition.op === 'all') === holds;
  let terms: readonly Term[] = together ? [[]] : [];
  for (const part of condition.of) {
    const more = termsOf(part, holds);
    if (more === undefined) return undefined;
    terms = together
      ? terms.flatMap((term) => more.map((other) => [...term, ...other]))
      : [...terms, ...more];
    if (terms.length > MOST_TERMS) return undefined;
  }
  return terms;
}

function leafImplies(narrow: Leaf, wide: Leaf): boolean {
  if (narrow.definition !== wide.definition) return false;
  if (JSON.stringify(narrow.params) === JSON.stringify(wide.params)) return true;
  return wide.definition.covers?.(wide.params, narrow.params) ?? false;
}

function leavesExclude(a: Leaf, b: Leaf): boolean {
  return a.definition === b.definition && (a.definition.excludes?.(a.params, b.params) ?? false);
}

/** Two literals that cannot hold together; undefined when they may. */
function clashIn(term: Term): readonly [Literal, Literal] | undefined {
  for (const [i, a] of term.entries()) {
    for (const b of term.slice(i + 1)) {
      if (a.holds && b.holds ? leavesExclude(a.leaf, b.leaf) : denies(a, b) || denies(b, a)) return [a, b];
    }
  }
  return undefined;
}

/** `a` holds, `b` is denied, and yet `a` means `b`. */
function denies(a: Literal, b: Literal): boolean {
  return a.holds && !b.holds && leafImplies(a.leaf, b.leaf);
}

/** Why no call can ever satisfy the condition; undefined when one may. */
export function contradictionIn(condition: Condition): string | undefined {
  const terms = termsOf(condition);
  if (terms === undefined) return undefined;
  let reason: string | undefined;
  for (const term of terms) {
    const clash = clashIn(term);
    if (clash === undefined) return undefined;
    reason ??= clash.map(literalText).join(' and ');
  }
  return reason;
}

function literalText({ leaf, holds }: Literal): string {
  return compileCondition(holds ? leaf : { op: 'not', of: [leaf] }).explain();
}

/** True when no call can satisfy both. */
export function excludeEachOther(a: Condition, b: Condition): boolean {
  return contradictionIn({ op: 'all', of: [a, b] }) !== undefined;
}

/** True only if every call that satisfies `narrow` satisfies `wide`. */
export function implies(narrow: Condition, wide: Condition): boolean {
  const terms = termsOf(narrow) ?? [];
  return terms.length > 0 && terms.every((term) => clashIn(term) !== undefined || satisfies(term, wide));
}

function satisfies(term: Term, condition: Condition): boolean {
  switch (condition.op) {
    case 'is':
      return term.some(({ leaf, holds }) => holds && leafImplies(leaf, condition));
    case 'all':
      return condition.of.every((part) => satisfies(term, part));
    case 'any':
      return condition.of.some((part) => satisfies(term, part));
    case 'not': {
      const [denied] = condition.of;
      if (denied.op !== 'is') return false;
      return term.some(({ leaf, holds }) =>
        holds ? leavesExclude(leaf, denied) : leafImplies(denied, leaf),
      );
    }
  }
}

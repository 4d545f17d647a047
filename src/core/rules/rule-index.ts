/**
 * Finds the rules that may match a call without asking each of them: what kind of call it is (host, port, method,
 * path) is looked up, then the one text (a header, the model) on which a rule hangs. Fifty rules of which none
 * matches must cost next to nothing.
 */

import type { RequestFacts } from '../facts.ts';
import type { Memory, TextIndex } from '../matchers/matcher.ts';
import type { CompiledCondition, Condition } from '../matchers/when.ts';
import { LONG_TEXT, ownText } from '../peer-text.ts';
import type { CompiledRule } from './rule.ts';

/** A rule with the part of its condition that host, port, method and path decide. */
export interface ScopedRule {
  readonly rule: CompiledRule;
  /** Undefined: looks at every call. */
  readonly scope: CompiledCondition | undefined;
}

/** Calls of one kind, and the rules that look at them. */
export interface KindOfCall {
  /** False where no rule looks: such calls take no ordinal. */
  readonly ruled: boolean;
  /** Some of its rules read the body. */
  readonly readsBody: boolean;
  /** Rules that may match, in order; the others cannot. */
  candidates(facts: RequestFacts): readonly CompiledRule[];
}

/** Kinds and texts come from clients, so only so many are remembered. */
const KINDS_REMEMBERED = 1000;
const TEXTS_REMEMBERED = 200;
/** Calls of longer paths are looked up each time. */
const MAX_NAME = 2048;

const NOBODY: readonly CompiledRule[] = Object.freeze([]);
const NO_MEMORY: Memory = { attempt: ({ attempt }) => attempt };

/** Rules that hang on the same text. */
interface Group {
  readonly index: TextIndex;
  readonly members: readonly { readonly rule: CompiledRule; readonly admits: TextIndex['admits'] }[];
  /** Members that admit the absence of the text. */
  readonly absent: readonly CompiledRule[];
  readonly byText: Map<string, readonly CompiledRule[]>;
}

export class RuleIndex {
  readonly #rules: readonly ScopedRule[];
  readonly #readsBody: (rule: CompiledRule) => boolean;
  readonly #kinds = new Map<string, KindOfCall>();
  /** The kind of the last call, which the next is mostly of. */
  #last: { host: string; port: number; method: string; path: string; kind: KindOfCall } | undefined;

  constructor(rules: readonly ScopedRule[], readsBody: (rule: CompiledRule) => boolean) {
    this.#rules = rules;
    this.#readsBody = readsBody;
  }

  kindOf(facts: RequestFacts): KindOfCall {
    const { host, port, method, path } = facts;
    const last = this.#last;
    if (last && last.path === path && last.method === method && last.host === host && last.port === port) {
      return last.kind;
    }
    const name = `${method} ${host}:${port}${path}`;
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      if (this.#kinds.size >= KINDS_REMEMBERED) this.#kinds.clear();
      kind = this.#find(facts);
      if (name.length <= MAX_NAME) this.#kinds.set(name, kind);
    }
    if (name.length <= MAX_NAME) this.#last = { host, port, method, path, kind };
    return kind;
  }

  #find(facts: RequestFacts): KindOfCall {
    const rules = this.#rules
      .filter(({ scope }) => scope === undefined || scope.test(facts, NO_MEMORY) === true)
      .map(({ rule }) => rule);
    const readsBody = rules.some(this.#readsBody);
    if (rules.length === 0) return { ruled: false, readsBody, candidates: () => NOBODY };
    const { groups, others } = group(rules);
    if (groups.length === 0) return { ruled: true, readsBody, candidates: () => rules };
    return { ruled: true, readsBody, candidates: (call) => select(groups, others, call) };
  }
}

function group(rules: readonly CompiledRule[]): {
  groups: readonly Group[];
  others: readonly CompiledRule[];
} {
  const groups = new Map<string, { index: TextIndex; members: Group['members'][number][] }>();
  const others: CompiledRule[] = [];
  for (const rule of rules) {
    const index = indexOf(rule.condition);
    if (index === undefined) {
      others.push(rule);
      continue;
    }
    const found = groups.get(index.by) ?? { index, members: [] };
    groups.set(index.by, found);
    found.members.push({ rule, admits: index.admits });
  }
  return {
    others,
    groups: [...groups.values()].map(({ index, members }) => ({
      index,
      members,
      absent: members.filter(({ admits }) => admits(undefined)).map(({ rule }) => rule),
      byText: new Map(),
    })),
  };
}

/** A text on which the whole condition hangs: of a matcher that must hold. Headers first, for a body is parsed late. */
function indexOf(condition: Condition): TextIndex | undefined {
  const parts = condition.op === 'all' ? condition.of : [condition];
  const indexes = parts.flatMap((part) => {
    const index = part.op === 'is' ? part.definition.index?.(part.params) : undefined;
    return index ? [{ index, late: part.op === 'is' && part.definition.reads === 'body' }] : [];
  });
  return (indexes.find(({ late }) => !late) ?? indexes[0])?.index;
}

function select(
  groups: readonly Group[],
  others: readonly CompiledRule[],
  facts: RequestFacts,
): readonly CompiledRule[] {
  let found = others;
  for (const one of groups) {
    const text = one.index.read(facts);
    const rules = text === undefined ? one.absent : admitted(one, text);
    if (rules.length > 0) found = found.length === 0 ? rules : [...found, ...rules];
  }
  return found === others || groups.length + others.length === 1
    ? found
    : [...found].sort((a, b) => a.index - b.index);
}

function admitted(one: Group, text: string): readonly CompiledRule[] {
  let rules = one.byText.get(text);
  if (rules === undefined) {
    if (one.byText.size >= TEXTS_REMEMBERED) one.byText.clear();
    rules = one.members.filter(({ admits }) => admits(text)).map(({ rule }) => rule);
    if (text.length <= LONG_TEXT) one.byText.set(ownText(text), rules);
  }
  return rules;
}

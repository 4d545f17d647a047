import { describe, expect, it } from 'vitest';
import { atMs, requestFacts } from '../../../test/support/request-facts.ts';
import { beforeFirst } from '../share.ts';
import { compileRules } from './compile.ts';
import type { Decision } from './decision.ts';
import type { MemorySource } from './memory-source.ts';
import type { ArmedRules } from './rule-set.ts';

/** What several sets of rules have in common, as processes might: everything by its name, and never forgotten. */
class CommonMemory implements MemorySource {
  readonly numbers = new Map<string, number>();
  readonly kept = new Map<string, Map<string, number | string>>();

  counter: MemorySource['counter'] = (name, share) => {
    const { numbers } = this;
    return {
      get last() {
        return numbers.get(name) ?? beforeFirst(share);
      },
      next() {
        const next = this.last + share.of;
        numbers.set(name, next);
        return next;
      },
    };
  };

  tally: MemorySource['tally'] = (name) => {
    const amounts = this.#of(name) as Map<string, number>;
    return {
      of: (key) => amounts.get(key) ?? 0,
      add: (key, amount) => void amounts.set(key, Math.max(0, (amounts.get(key) ?? 0) + amount)),
    };
  };

  notes: MemorySource['notes'] = (name) => this.#of(name) as never;

  #of(name: string): Map<string, number | string> {
    const known = this.kept.get(name) ?? new Map();
    this.kept.set(name, known);
    return known;
  }
}

const GOOD = { status: 200, complete: true, injected: false };
const BAD = { status: 529, complete: true, injected: true };
const call = (more = {}) =>
  requestFacts({
    json: { model: 'a', messages: [{ role: 'user', content: 'hi' }] },
    conversation: 'c',
    ...more,
  });

/** Two sets of the same rules with one memory, asked in turns. */
function two(specs: readonly unknown[], memory: MemorySource = new CommonMemory()) {
  const make = () => compileRules(specs, { seed: '42', messages: 'real', armedAt: 0, memory });
  const sets = [make(), make()];
  let asked = 0;
  return (facts = call()): { rules: ArmedRules; decision: Decision } => {
    const rules = sets[asked++ % 2]!;
    return { rules, decision: rules.decide(facts, atMs(asked)) };
  };
}

const rule = (more: object) => ({ name: 'r', fault: 'overloaded', ...more });

describe('rules that have their memory in common', () => {
  it('number matches and calls together, and so draw each number once', () => {
    const ask = two([rule({ trigger: { first: 3 } })]);
    const decided = Array.from({ length: 5 }, () => ask().decision);
    expect(decided.map(({ rule, ordinal }) => [rule, ordinal])).toEqual([
      ['r', 1],
      ['r', 2],
      ['r', 3],
      [null, 4],
      [null, 5],
    ]);
    expect(decided.slice(0, 3).map(({ nth }) => nth)).toEqual([1, 2, 3]);
  });

  it('act so often together as a limit lets them, give back and run together', () => {
    const ask = two([rule({ limit: { times: 2 } })]);
    const first = ask();
    expect([ask().decision.rule, ask().decision.rule]).toEqual(['r', null]);
    first.rules.tookHold(first.decision, false);
    expect([ask().decision.rule, ask().decision.rule]).toEqual(['r', null]);
    const running = two([rule({ limit: { concurrent: 1 } })]);
    const one = running();
    expect(running().decision.rule).toBe(null);
    one.rules.settle(one.decision, BAD, atMs(9));
    expect(running().decision.rule).toBe('r');
  });

  it('know tries, conversations and turns of threads that the other saw', () => {
    const tries = two([rule({ when: { attempt: 1 } })]);
    const failed = tries();
    failed.rules.settle(failed.decision, BAD, atMs(2));
    expect(tries().decision).toMatchObject({ rule: 'r', attempt: 1 });
    const once = two([rule({ trigger: { once_per: 'conversation' } })]);
    expect([once().decision.rule, once().decision.rule]).toEqual(['r', null]);
    const threads = two([
      rule({ trigger: { all: [{ once_per: 'conversation' }, { skip: 1, always: true }] } }),
    ]);
    const turn = (previous?: string) =>
      call({
        json: {
          model: 'a',
          messages: [{ role: 'user', content: 'hi' }],
          thread: { previous_message_id: previous ?? null },
        },
      });
    const begun = threads(turn());
    begun.rules.settle(begun.decision, { ...GOOD, messageId: 'msg_1' }, atMs(2));
    expect(threads(turn('msg_1')).decision.thread).toBe('c');
  });

  it('ask by other names when they are others, and by the same when they are the same', () => {
    const names = (specs: readonly unknown[], seed = '42'): string[] => {
      const memory = new CommonMemory();
      const asked: string[] = [];
      const counter: MemorySource['counter'] = (name, share) => {
        asked.push(name);
        return memory.counter(name, share);
      };
      const source: MemorySource = { counter, tally: memory.tally, notes: memory.notes };
      compileRules(specs, { seed, messages: 'real', memory: source });
      return asked.filter((name) => name.startsWith('r '));
    };
    const usual = names([rule({ trigger: { first: 3 } })]);
    expect(usual).toHaveLength(1);
    expect(names([rule({ trigger: { first: 3 }, description: 'other words' })])).toEqual(usual);
    expect(names([rule({ trigger: { first: 4 } })])).not.toEqual(usual);
    expect(names([rule({ trigger: { first: 3 } })], '43')).not.toEqual(usual);
  });
});

it('rules without a source each remember by themselves', () => {
  const make = () => compileRules([rule({ limit: { times: 1 } })], { seed: '42', messages: 'real' });
  expect([make(), make()].map((rules) => rules.decide(call(), atMs(1)).rule)).toEqual(['r', 'r']);
});

/**
 * `limit` and `cooldown` of a rule: how often it may act. What it counts is acts, not matches. An act counts
 * from its decision on, so that calls at the same time cannot exceed the limit; when nothing of it takes hold, it is
 * given back.
 */

import type { ConnectionFacts, RequestFacts } from '../facts.ts';
import { shortKey } from '../peer-text.ts';
import { msOf } from '../triggers/duration-text.ts';
import type { MemorySource } from './memory-source.ts';
import type { LimitSpec } from './spec.ts';

/** Clients or models whose acts are counted; the one longest not seen starts anew. */
const REMEMBERED = 10_000;

/** The counters of one armed rule. */
export interface Limits {
  /** What the call is counted under: the rule, its client or its model. */
  keyOf(facts: RequestFacts | ConnectionFacts): string;
  /** Why the rule may not act now; undefined when it may. */
  blocked(key: string, now: number): string | undefined;
  /** The rule acts. */
  take(key: string, now: number): void;
  /** What the rule took at that time has made no difference. */
  giveBack(key: string, now: number): void;
  /** A call that the rule acted on has ended. */
  release(key: string): void;
}

/** Of a rule that may act always. */
export const UNLIMITED: Limits = {
  keyOf: () => '',
  blocked: () => undefined,
  take: () => {},
  giveBack: () => {},
  release: () => {},
};

/** @param name what the rule's memories are called by */
export function createLimits(
  limit: LimitSpec | undefined,
  cooldown: string | undefined,
  memory: MemorySource,
  name: string,
): Limits {
  if (limit === undefined && cooldown === undefined) return UNLIMITED;
  const { times, concurrent, per = 'rule' } = limit ?? {};
  const rest = cooldown === undefined ? 0 : msOf(cooldown);
  const taken = memory.tally(`${name} acts`, REMEMBERED);
  const running = memory.tally(`${name} running`, Number.POSITIVE_INFINITY);
  const whose = per === 'rule' ? '' : ` for this ${per}`;
  let awake = Number.NEGATIVE_INFINITY;
  return {
    keyOf: (facts) => {
      if (per === 'rule') return '';
      const request = facts as RequestFacts;
      return per === 'client' ? request.client : shortKey(request.body.model ?? '');
    },
    blocked: (key, now) => {
      if (times !== undefined && taken.of(key) >= times) {
        return `its limit of ${times} ${times === 1 ? 'time' : 'times'}${whose} is used up`;
      }
      if (concurrent !== undefined && running.of(key) >= concurrent) {
        return `${concurrent} of its calls${whose} are running, its limit`;
      }
      if (now < awake) return `it cools down for another ${((awake - now) / 1000).toFixed(1)}s`;
      return undefined;
    },
    take: (key, now) => {
      if (times !== undefined) taken.add(key, 1);
      if (concurrent !== undefined) running.add(key, 1);
      if (rest > 0) awake = now + rest;
    },
    giveBack: (key, now) => {
      if (times !== undefined) taken.add(key, -1);
      // Only while no other act began a rest of its own.
      if (rest > 0 && awake === now + rest) awake = Number.NEGATIVE_INFINITY;
    },
    release: (key) => {
      if (concurrent !== undefined) running.add(key, -1);
    },
  };
}

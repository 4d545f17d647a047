/**
 * Where rules remember. Deciding is synchronous, so what is here answers at once: a source that others share has to fetch
 * ahead what it may give out. docs/decisions/0009-memory-of-rules.md says what is asked for by name here, and what is not.
 */
import { LruMap } from '../lru-map.ts';
import { beforeFirst, type Share } from '../share.ts';

/** Numbers things in the order in which they come. */
export interface Counter {
  /** The number that was given last; before the first, what `beforeFirst` says. */
  readonly last: number;
  /** The next number. None is given twice. */
  next(): number;
}

/** How much there is under each key. */
export interface Tally {
  /** 0 for a key that it does not know. */
  of(key: string): number;
  /** Never goes below 0. */
  add(key: string, amount: number): void;
}

/** What was noted about keys. */
export interface Notes<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

/**
 * Makes the memories of rules when they are compiled. A name stands for one thing: the same rule, with the same seed, asks
 * with the same names again, and a changed one with others.
 */
export interface MemorySource {
  /** @param share which numbers are given here */
  counter(name: string, share: Share): Counter;
  /** @param most keys that must be known; the one longest not asked for may be forgotten then */
  tally(name: string, most: number): Tally;
  /** Values are plain: numbers and texts. @param most as in `tally` */
  notes<V extends number | string>(name: string, most: number): Notes<V>;
}

/** The memory of this process, made anew for each set of rules; `carryOver` hands on what stays. */
export const ownMemory: MemorySource = {
  counter: (_name, share) => new OwnCounter(share),
  tally: (_name, most) => new OwnTally(most),
  notes: (_name, most) => new LruMap(most),
};

class OwnCounter implements Counter {
  last: number;
  readonly #step: number;

  constructor(share: Share) {
    this.last = beforeFirst(share);
    this.#step = share.of;
  }

  next(): number {
    this.last += this.#step;
    return this.last;
  }
}

class OwnTally implements Tally {
  readonly #amounts: LruMap<string, number>;

  constructor(most: number) {
    this.#amounts = new LruMap(most);
  }

  of(key: string): number {
    return this.#amounts.get(key) ?? 0;
  }

  add(key: string, amount: number): void {
    const sum = this.of(key) + amount;
    if (sum > 0) this.#amounts.set(key, sum);
    else this.#amounts.delete(key);
  }
}

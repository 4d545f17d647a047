/**
 * Which part of the work of one proxy a process does. Several processes (`--workers`) share no memory, so they share
 * out the numbers: the matches of a rule, the calls, the connections. Of 3, the first takes 1, 4, 7 …, the second
 * 2, 5, 8 …. No number is dealt twice, and what a number decides is what it decides in one process alone.
 */
export interface Share {
  /** From 0. */
  readonly index: number;
  /** Processes that share; 1 for the whole. */
  readonly of: number;
}

/** A process that does all of it. */
export const WHOLE: Share = Object.freeze({ index: 0, of: 1 });

/** Where counting starts: each further number is `share.of` more, and the first of them is `share.index` + 1. */
export function beforeFirst(share: Share): number {
  return share.index + 1 - share.of;
}

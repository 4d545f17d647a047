/** What is done to a client: one row of a table of `docs/client-behaviour.md`. */

export interface Stimulus {
  /** The row's name in the document; unique in its table. */
  readonly title: string;
  /** The fault, as in a rules file; undefined for the row that shows the client undisturbed. */
  readonly fault?: Readonly<Record<string, unknown>>;
  /** How many requests it meets, from the first; every one by default. */
  readonly times?: number;
  /** How long a client may take before it counts as still waiting; {@link PATIENCE_MS} by default. */
  readonly patienceMs?: number;
  /** The client's own timeout, where it has one to set. */
  readonly timeoutMs?: number;
  /** What the answer told the client to wait, ms (0 also for nonsense): whether it did is part of what is seen. */
  readonly toldMs?: number;
  /** Run JavaScript clients with timers 20 times as fast: for back-offs of minutes. */
  readonly hasten?: boolean;
}

/** Longer than three attempts with any client's back-off. */
export const PATIENCE_MS = 20_000;

/** Stalls and long waits are not sat out: after this a client counts as still waiting. */
export const STALL_MS = 5_000;

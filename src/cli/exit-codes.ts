/** What the exit code says. */
export const EXIT = {
  ok: 0,
  /** The machine, the network or a bug of ours. */
  failed: 1,
  /** Bad input: nothing was started. */
  badInput: 2,
} as const;

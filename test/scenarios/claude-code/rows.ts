/** Scenarios that `claude -p` is run in, and how: the rows of `docs/scenarios-claude-code.md`. */

export interface Row {
  /** The scenario; unique. */
  readonly scenario: string;
  /**
   * So small that the first phase is over before a second attempt (Claude Code waits half a second and more), or so
   * large that it outlasts all of them: how many attempts there are must not depend on the machine.
   */
  readonly timeScale: number;
  /** `CLAUDE_CODE_MAX_RETRIES`; undefined leaves Claude Code its own default. */
  readonly maxRetries?: number;
}

export const rows: readonly Row[] = [
  { scenario: 'healthy', timeScale: 1 },
  { scenario: 'overload-burst', timeScale: 0.005 },
  { scenario: 'overload-hours', timeScale: 1, maxRetries: 2 },
  { scenario: 'server-errors', timeScale: 1, maxRetries: 2 },
  { scenario: 'input-token-limit', timeScale: 0.05 },
  { scenario: 'throttle-without-hints', timeScale: 1, maxRetries: 2 },
  { scenario: 'spend-cap', timeScale: 1, maxRetries: 2 },
  { scenario: 'edge-failures', timeScale: 1, maxRetries: 2 },
  { scenario: 'auth-outage', timeScale: 1, maxRetries: 2 },
];

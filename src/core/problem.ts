/**
 * One error class with a stable code, made at every boundary. `kind` tells whose turn it is:
 * `user` (bad input: exit code 2 and one sentence with the cure), `system` (the machine or the network)
 * or `bug` (ours).
 */

/** Every code, and whose turn it is. */
export const PROBLEM_CODES = {
  // input
  'bad-option': 'user',
  'bad-config': 'user',
  'bad-rule': 'user',
  'bad-ca': 'user',
  'ca-target-changed': 'user',
  'port-in-use': 'user',
  'no-permission': 'user',
  'file-not-found': 'user',
  'file-exists': 'user',
  // what clients send
  'bad-request-framing': 'system',
  'foreign-host': 'system',
  'foreign-page': 'system',
  'client-tls-failed': 'system',
  'client-rejected-ca': 'system',
  'client-http2-only': 'system',
  'client-reset': 'system',
  // what upstreams do
  'upstream-dns': 'system',
  'upstream-refused': 'system',
  'upstream-unreachable': 'system',
  'upstream-timeout': 'system',
  'upstream-tls': 'system',
  'upstream-reset': 'system',
  'upstream-bad-response': 'system',
  'upstream-stream-error': 'system',
  'upstream-proxy': 'system',
  'stand-in-unknown-path': 'system',
  loop: 'system',
  io: 'system',
  unexpected: 'bug',
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** An error that says what happened and what to do next. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get kind(): 'user' | 'system' | 'bug' {
    return PROBLEM_CODES[this.code];
  }

  /** Makes a Problem of whatever was thrown; a Problem stays what it is. */
  static from(reason: unknown, code: ProblemCode = 'unexpected'): Problem {
    if (reason instanceof Problem) return reason;
    const message = reason instanceof Error ? reason.message : String(reason);
    return new Problem(code, message, { cause: reason });
  }
}

/**
 * The calls that every client in this folder makes, in this order, in one process: success, 429, 529 and 500, each whole and
 * streamed, without retries; then calls that fail first and succeed by the client's own retries.
 */

export type Way = 'json' | 'stream';

export interface Call {
  readonly way: Way;
  /** Status injected; undefined for a call that succeeds. */
  readonly status?: number;
  /** Failures before success, with retries allowed. */
  readonly failsFirst?: number;
}

export interface Script {
  readonly calls: readonly Call[];
  /** Rules that make it so, by the number of the request. */
  readonly rules: readonly unknown[];
  /** What the program is told: `json-once`, `stream-retry` … */
  readonly words: readonly string[];
  /** What the proxy has to see in the end. */
  readonly outcomes: readonly string[];
}

const WAYS: readonly Way[] = ['json', 'stream'];

/** @param failsFirst failures in the calls that are retried; fewer where a client's back-off is slow */
export function script(failsFirst = 2): Script {
  const calls: Call[] = [
    ...WAYS.map((way) => ({ way })),
    ...[429, 529, 500].flatMap((status) => WAYS.map((way) => ({ way, status }))),
    { way: 'json', status: 529, failsFirst },
    { way: 'stream', status: 429, failsFirst },
  ];
  const outcomes = calls.flatMap((call) => expected(call));
  const failing = (status: number): number[] =>
    outcomes.flatMap((outcome, index) => (outcome === `${status} injected` ? [index + 1] : []));
  return {
    calls,
    outcomes,
    words: calls.map(({ way, failsFirst: failures }) => `${way}-${failures ? 'retry' : 'once'}`),
    rules: [429, 529, 500].map((status) => ({
      trigger: { nth: failing(status) },
      // Short waits, in both headers that clients read.
      fault: { kind: 'http-error', status, retry_after: 1, headers: { 'retry-after-ms': '5' } },
    })),
  };
}

function expected({ status, failsFirst }: Call): string[] {
  if (status === undefined) return ['200 upstream'];
  if (failsFirst === undefined) return [`${status} injected`];
  return [...new Array<string>(failsFirst).fill(`${status} injected`), '200 upstream'];
}

/** How a call reads in a test's title. */
export function callTitle({ way, status, failsFirst }: Call): string {
  if (status === undefined) return `${way}: gets the answer`;
  if (failsFirst === undefined) return `${way}: reports ${status}`;
  return `${way}: succeeds after ${failsFirst} × ${status}`;
}

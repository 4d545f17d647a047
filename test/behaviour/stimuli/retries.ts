/** Errors before the answer: which a client retries, and whether it waits as told. Each but the last few meets the first attempt only. */
import { STALL_MS, type Stimulus } from '../stimulus.ts';

/** Longer than any client's own first back-off (at most 2 s), so that the two can be told apart. */
const TOLD_S = 3;

export const retryStimuli: readonly Stimulus[] = [
  { title: 'nothing' },
  ...[400, 401, 408, 409, 413, 422, 500, 504, 529].map((status) => ({
    title: `${status} once`,
    fault: { kind: 'http-error', status, should_retry: 'absent' },
    times: 1,
  })),
  once('429, no retry-after', { retry_after: 'absent' }),
  once('429, retry-after: 0', { retry_after: 0 }, { toldMs: 0 }),
  once('429, retry-after: 3', { retry_after: TOLD_S }, { toldMs: TOLD_S * 1000 }),
  // A date has no fractions of a second: of 4 s at least 3 are left.
  once(
    '429, retry-after: a date 4 s ahead',
    { retry_after: { date: TOLD_S + 1 } },
    { toldMs: TOLD_S * 1000 },
  ),
  once('429, retry-after-ms: 3000', { retry_after: { ms: TOLD_S * 1000 } }, { toldMs: TOLD_S * 1000 }),
  once(
    '429, retry-after: 90 and retry-after-ms: 3000',
    { retry_after: 90, headers: { 'retry-after-ms': '3000' } },
    { toldMs: TOLD_S * 1000 },
  ),
  once('429, retry-after: 90', { retry_after: 90 }, { toldMs: 90_000, patienceMs: STALL_MS }),
  once('429, retry-after: -1', { retry_after: { text: '-1' } }, { toldMs: 0 }),
  once('429, retry-after: invalid', { retry_after: { text: 'invalid' } }, { toldMs: 0 }),
  {
    title: '400, x-should-retry: true',
    fault: { kind: 'http-error', status: 400, should_retry: true },
    times: 1,
  },
  {
    title: '529, x-should-retry: false',
    fault: { kind: 'http-error', status: 529, should_retry: false },
    times: 1,
  },
  {
    title: 'reset before the answer',
    fault: { kind: 'timeout', for: '20ms', end: 'reset' },
    times: 1,
  },
  {
    title: 'closed before the answer',
    fault: { kind: 'timeout', for: '20ms', end: 'close' },
    times: 1,
  },
  {
    title: 'no answer, client timeout 1 s',
    fault: { kind: 'timeout' },
    times: 1,
    timeoutMs: 1_000,
  },
  { title: '529 for ever', fault: { kind: 'http-error', status: 529 }, hasten: true },
  {
    title: '429 with retry-after: 1 for ever',
    fault: { kind: 'http-error', status: 429, retry_after: 1 },
    hasten: true,
  },
  { title: 'reset for ever', fault: { kind: 'timeout', for: '20ms', end: 'reset' }, hasten: true },
];

function once(title: string, params: object, traits: Partial<Stimulus> = {}): Stimulus {
  return { title, fault: { kind: 'http-error', status: 429, ...params }, times: 1, ...traits };
}

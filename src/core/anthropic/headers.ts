/**
 * Headers that the Claude API sends beside its answers: ids and rate limits. Formats are the documented ones
 * (D:api/overview, D:api/rate-limits), proportions those of a recorded 429 (whoz-oss/coday#110).
 */
import type { Header } from '../facts.ts';
import type { LimitHeaders } from './api-error.ts';

/** The organization and the workspace that all injected and simulated answers name. */
export const ORGANIZATION_ID = '5f0c2a9e-3b71-4d58-9c46-e1a7d2b8f034';
export const WORKSPACE_ID = 'wrkspc_01SmXw4kPzRt9HcVqYbN7dGe';

/** The ids of who asked, as they stand on every answer whose key was resolved. */
export const ACCOUNT_HEADERS: readonly Header[] = [
  ['anthropic-organization-id', ORGANIZATION_ID],
  ['anthropic-workspace-id', WORKSPACE_ID],
];

/** A date as rate-limit headers write it: RFC 3339 in UTC, to the second. */
export function rfc3339(wall: number): string {
  return `${new Date(wall).toISOString().slice(0, 19)}Z`;
}

/** One bucket, as its three headers tell it. */
export interface Bucket {
  readonly limit: number;
  /** Tokens are told to the nearest thousand. */
  readonly remaining: number;
  /** Milliseconds since the Unix epoch at which it will be full again; now or earlier when it is full. */
  readonly fullAt: number;
}

export interface Buckets {
  readonly inputTokens: Bucket;
  readonly outputTokens: Bucket;
  readonly requests: Bucket;
}

/** Sizes of the buckets per minute, as in the recorded 429. */
export const LIMITS = { inputTokens: 200_000, outputTokens: 80_000, requests: 4_000 } as const;

/**
 * `anthropic-ratelimit-*`: limit, remaining and reset of input tokens, output tokens, requests and tokens, the last
 * being the sum of the first two, with the earlier reset. A bucket that is not there has no headers.
 *
 * @param wall now, milliseconds since the Unix epoch; a full bucket's reset is now
 */
export function rateLimitHeaders(buckets: Partial<Buckets>, wall: number): Header[] {
  const { inputTokens, outputTokens, requests } = buckets;
  const both = [inputTokens, outputTokens].filter((bucket) => bucket !== undefined);
  const tokens: Bucket = {
    limit: both.reduce((sum, { limit }) => sum + limit, 0),
    remaining: both.reduce((sum, bucket) => sum + thousands(bucket), 0),
    fullAt: Math.min(...both.map(({ fullAt }) => fullAt)),
  };
  return [
    ...(inputTokens ? bucketHeaders('input-tokens', inputTokens, thousands(inputTokens), wall) : []),
    ...(outputTokens ? bucketHeaders('output-tokens', outputTokens, thousands(outputTokens), wall) : []),
    ...(requests ? bucketHeaders('requests', requests, requests.remaining, wall) : []),
    ...(both.length > 0 ? bucketHeaders('tokens', tokens, tokens.remaining, wall) : []),
  ];
}

/** Never more than there can be: 700 of 700 are told as 700. */
function thousands({ limit, remaining }: Bucket): number {
  return Math.min(limit, Math.round(remaining / 1000) * 1000);
}

function bucketHeaders(name: string, bucket: Bucket, remaining: number, wall: number): Header[] {
  return [
    [`anthropic-ratelimit-${name}-limit`, String(bucket.limit)],
    [`anthropic-ratelimit-${name}-remaining`, String(remaining)],
    [`anthropic-ratelimit-${name}-reset`, rfc3339(Math.max(bucket.fullAt, wall))],
  ];
}

/** A token bucket lets a call in again long before it is full: 63 s to full against a retry-after of 16 s was seen. */
const FULL_PER_RETRY_AFTER = 63 / 16;

/**
 * The buckets of a caller that just emptied one of them.
 *
 * @param empty the bucket that is empty; `undefined`: none, all are full
 * @param retryAfterMs what `retry-after` says, from which the reset follows
 */
export function bucketsWith(empty: keyof Buckets | undefined, retryAfterMs: number, wall: number): Buckets {
  const fullAt = wall + Math.ceil((retryAfterMs / 1000) * FULL_PER_RETRY_AFTER) * 1000;
  const bucket = (name: keyof Buckets): Bucket =>
    name === empty
      ? { limit: LIMITS[name], remaining: 0, fullAt }
      : { limit: LIMITS[name], remaining: LIMITS[name], fullAt: wall };
  return {
    inputTokens: bucket('inputTokens'),
    outputTokens: bucket('outputTokens'),
    requests: bucket('requests'),
  };
}

const HOURS_5 = 5 * 3_600;
const DAYS_7 = 7 * 86_400;

/**
 * `anthropic-ratelimit-unified-*` of a subscription whose five hours are used up (third-party captures): resets are Unix
 * seconds, utilization has two decimals. Windows end at multiples of their length, so retries see the same reset.
 */
export function unifiedHeaders(wall: number): Header[] {
  const seconds = Math.floor(wall / 1000);
  const end = (window: number): string => String((Math.floor(seconds / window) + 1) * window);
  const unified = 'anthropic-ratelimit-unified';
  return [
    [`${unified}-status`, 'rejected'],
    [`${unified}-5h-status`, 'rejected'],
    [`${unified}-5h-reset`, end(HOURS_5)],
    [`${unified}-5h-utilization`, '1.00'],
    [`${unified}-7d-status`, 'allowed'],
    [`${unified}-7d-reset`, end(DAYS_7)],
    [`${unified}-7d-utilization`, '0.42'],
    [`${unified}-representative-claim`, 'five_hour'],
    [`${unified}-fallback-percentage`, '0.5'],
    [`${unified}-reset`, end(HOURS_5)],
  ];
}

const EMPTY_BUCKET = {
  'input-tokens': 'inputTokens',
  'output-tokens': 'outputTokens',
  requests: 'requests',
} as const satisfies Partial<Record<LimitHeaders, keyof Buckets>>;

/** Size of the bucket that a catalogue entry empties; undefined where it empties none. */
export function limitOf(limits: LimitHeaders): number | undefined {
  return limits === 'none' || limits === 'unified' ? undefined : LIMITS[EMPTY_BUCKET[limits]];
}

/** The rate-limit headers of a catalogue entry. */
export function limitHeaders(limits: LimitHeaders, retryAfterMs: number, wall: number): Header[] {
  if (limits === 'none') return [];
  if (limits === 'unified') return unifiedHeaders(wall);
  return rateLimitHeaders(bucketsWith(EMPTY_BUCKET[limits], retryAfterMs, wall), wall);
}

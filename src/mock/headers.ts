/**
 * Response headers of the real API, as far as third-party captures and the documentation show them.
 * `strict-transport-security` is left out (the stand-in is reached over plain HTTP), and `Date`, `Connection` and
 * framing are the HTTP side's.
 */
import { type Bucket, LIMITS, rateLimitHeaders } from '../core/anthropic/headers.ts';
import type { Header } from '../core/facts.ts';
import type { Identity } from './identity.ts';

export const CONTENT_JSON: Header = ['Content-Type', 'application/json'];
export const CONTENT_EVENTS: Header = ['Content-Type', 'text/event-stream; charset=utf-8'];

/** What Cloudflare adds to every answer, its own errors included. */
export function edgeHeaders(identity: Identity): readonly Header[] {
  return [
    ['Server', 'cloudflare'],
    ['CF-RAY', identity.ray()],
    ['cf-cache-status', 'DYNAMIC'],
    ['vary', 'Accept-Encoding'],
  ];
}

/** What the API itself adds. */
export function originHeaders(identity: Identity): readonly Header[] {
  return [
    ['Cache-Control', 'no-cache'],
    ['request-id', identity.requestId()],
    ['X-Robots-Tag', 'none'],
    ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ];
}

/**
 * Rate limits as on a real success. The stand-in never runs out: every request finds full buckets, and takes its own
 * tokens.
 *
 * @param wall milliseconds since the Unix epoch
 */
export function limitHeaders(used: { input: number; output: number }, wall: number): readonly Header[] {
  const bucket = (limit: number, taken: number): Bucket => ({
    limit,
    remaining: Math.max(0, limit - taken),
    fullAt: wall + (Math.min(taken, limit) / limit) * REFILL_MS,
  });
  const buckets = {
    inputTokens: bucket(LIMITS.inputTokens, used.input),
    outputTokens: bucket(LIMITS.outputTokens, used.output),
    requests: bucket(LIMITS.requests, 1),
  };
  return rateLimitHeaders(buckets, wall);
}

/** An empty bucket is full again after a minute: limits are per minute. */
const REFILL_MS = 60_000;

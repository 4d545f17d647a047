/** The `retry_after` parameter: every form in which a server may say when to come back, the broken ones included. */
import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import type { Header } from '../facts.ts';
import { httpDate } from '../http1/date.ts';

/** What goes on the wire. */
export type RetryAfter =
  | { readonly as: 'seconds'; readonly seconds: number }
  /** An HTTP-date so many seconds from now (past ones are allowed). */
  | { readonly as: 'date'; readonly seconds: number }
  /** `retry-after-ms`, which SDKs read and the API was never seen to send. */
  | { readonly as: 'ms'; readonly ms: number }
  | { readonly as: 'text'; readonly text: string }
  | { readonly as: 'absent' };

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Seconds (`30`, also as text or as a duration of whole seconds: `2m`), `absent`, `{ date: 30 }`, `{ ms: 1500 }`, or any
 * other text, which is sent as it stands (`invalid`, `-1`). `{ text: … }` sends even what looks like a duration.
 */
export const retryAfterParam = z
  .union(
    [
      z.int().min(0),
      z.string().regex(VALUE),
      z.strictObject({ date: z.int().min(-315_360_000).max(315_360_000) }),
      z.strictObject({ ms: z.int().min(0) }),
      z.strictObject({ text: z.string().regex(VALUE) }),
    ],
    {
      error:
        'retry_after is whole seconds (30), absent, { date: 30 } for an HTTP-date 30 seconds from now, { ms: 1500 } for retry-after-ms, or a text that is sent as it stands',
    },
  )
  .transform((input, context): RetryAfter => {
    if (typeof input === 'number') return { as: 'seconds', seconds: input };
    if (typeof input === 'object') {
      if ('date' in input) return { as: 'date', seconds: input.date };
      if ('ms' in input) return { as: 'ms', ms: input.ms };
      return { as: 'text', text: input.text };
    }
    if (input === 'absent') return { as: 'absent' };
    if (/^\d{1,15}$/.test(input)) return { as: 'seconds', seconds: Number(input) };
    const ms = parseDuration(input);
    if (ms === undefined) return { as: 'text', text: input };
    if (ms % 1000 === 0) return { as: 'seconds', seconds: ms / 1000 };
    context.issues.push({
      code: 'custom',
      input,
      message: `retry-after holds whole seconds, and ${input} is none: write { ms: ${ms} } for retry-after-ms, or { text: "${input}" } to send that very text`,
    });
    return z.NEVER;
  })
  .describe(
    'When to come back: seconds, absent, { date: s }, { ms: n } or a text that is sent as it stands.',
  );

/** The header for it; none for `absent`. */
export function retryAfterHeader(value: RetryAfter, wall: number): Header | undefined {
  switch (value.as) {
    case 'seconds':
      return ['retry-after', String(value.seconds)];
    case 'date':
      return ['retry-after', httpDate(wall + value.seconds * 1000)];
    case 'ms':
      return ['retry-after-ms', String(value.ms)];
    case 'text':
      return ['retry-after', value.text];
    case 'absent':
      return undefined;
  }
}

/** How long that is, in milliseconds; undefined where it says nothing. */
export function retryAfterMs(value: RetryAfter): number | undefined {
  if (value.as === 'ms') return value.ms;
  return value.as === 'seconds' || value.as === 'date' ? Math.max(value.seconds, 0) * 1000 : undefined;
}

/**
 * The same under a time scale. Whole seconds are rounded up, so that whoever obeys never comes too early; a text is
 * sent as it stands.
 */
export function scaleRetryAfter(value: RetryAfter, scale: number): RetryAfter {
  if (scale === 1) return value;
  if (value.as === 'seconds' || value.as === 'date')
    return { ...value, seconds: scaledSeconds(value.seconds, scale) };
  return value.as === 'ms' ? { as: 'ms', ms: Math.round(value.ms * scale) } : value;
}

/** Whole seconds of real time, rounded up; 0 stays 0. */
export function scaledSeconds(seconds: number, scale: number): number {
  // 16 · 0.1 is a little more than 1.6: what is whole but for such an error stays whole.
  return Math.ceil(Number((seconds * scale).toPrecision(12)));
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REQUEST_ID_SLOT } from '../effect.ts';
import { limitHeaders, rateLimitHeaders, rfc3339, unifiedHeaders } from './headers.ts';
import { requestId } from './request-id.ts';

const WALL = Date.UTC(2025, 5, 2, 15, 14, 45, 900);

describe('request id', () => {
  test('has the format and the length of a real one, and of the slot it replaces', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (words) => {
        expect(requestId(words)).toMatch(/^req_011C[0-9A-Za-z]{20}$/);
      }),
    );
    expect(requestId([0, 0, 0, 0])).toHaveLength(REQUEST_ID_SLOT.length);
  });

  test('holds every word', () => {
    expect(requestId([0, 1, 61, 62])).toBe('req_011C' + '00000' + '10000' + 'z0000' + '01000');
    expect(requestId(Uint32Array.of(2 ** 32 - 1, 0, 0, 0))).not.toBe(requestId([0, 0, 0, 0]));
  });
});

test('dates are to the second, in UTC', () => {
  expect(rfc3339(WALL)).toBe('2025-06-02T15:14:45Z');
});

test('tokens are the sum, told to the nearest thousand; a full bucket is reset now', () => {
  const headers = Object.fromEntries(
    rateLimitHeaders(
      {
        inputTokens: { limit: 50_000, remaining: 12_499, fullAt: WALL + 30_000 },
        outputTokens: { limit: 10_000, remaining: 9_500, fullAt: WALL + 3_000 },
        requests: { limit: 50, remaining: 49, fullAt: 0 },
      },
      WALL,
    ),
  );
  expect(headers).toMatchObject({
    'anthropic-ratelimit-input-tokens-remaining': '12000',
    'anthropic-ratelimit-output-tokens-remaining': '10000',
    'anthropic-ratelimit-requests-remaining': '49',
    'anthropic-ratelimit-requests-reset': '2025-06-02T15:14:45Z',
    'anthropic-ratelimit-tokens-limit': '60000',
    'anthropic-ratelimit-tokens-remaining': '22000',
    'anthropic-ratelimit-tokens-reset': '2025-06-02T15:14:48Z',
  });
});

test.each([
  ['input-tokens', '2025-06-02T15:15:05Z', '80000'],
  ['output-tokens', '2025-06-02T15:15:05Z', '200000'],
  ['requests', '2025-06-02T15:15:05Z', '280000'],
] as const)('%s empty: 5 s of retry-after are 20 s to full', (limits, reset, tokens) => {
  const headers = Object.fromEntries(limitHeaders(limits, 5_000, WALL));
  expect(headers[`anthropic-ratelimit-${limits}-remaining`]).toBe('0');
  expect(headers[`anthropic-ratelimit-${limits}-reset`]).toBe(reset);
  expect(headers['anthropic-ratelimit-tokens-remaining']).toBe(tokens);
});

test('a subscription has its own set, in Unix seconds, the same on every retry of one window', () => {
  const now = Object.fromEntries(unifiedHeaders(WALL));
  expect(now).toEqual(Object.fromEntries(unifiedHeaders(WALL + 60_000)));
  const reset = Number(now['anthropic-ratelimit-unified-reset']);
  expect(reset).toBeGreaterThan(WALL / 1000);
  expect(reset).toBeLessThanOrEqual(WALL / 1000 + 5 * 3600);
  expect(now['anthropic-ratelimit-unified-5h-utilization']).toMatch(/^\d\.\d\d$/);
  expect(Object.keys(now).every((name) => name.startsWith('anthropic-ratelimit-unified-'))).toBe(true);
});

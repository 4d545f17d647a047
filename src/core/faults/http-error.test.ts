import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readBody } from '../anthropic/request.ts';
import { REQUEST_ID_SLOT, type RespondEffect } from '../effect.ts';
import type { RequestFacts } from '../facts.ts';
import type { FaultEnv, PlanContext } from './fault.ts';
import { httpError } from './http-error.ts';

const WALL = Date.UTC(2025, 5, 2, 15, 14, 45, 250);
const SIMULATED: FaultEnv = { seed: '1', messages: 'simulated' };
const REAL: FaultEnv = { seed: '1', messages: 'real' };

function context(wall = WALL, body = '{}'): PlanContext<'exchange'> {
  const facts = { body: readBody(new TextEncoder().encode(body), 'held') } as RequestFacts;
  return { facts, draw: () => 0.5, nth: 1, now: 0, wall };
}

function answer(input: z.input<typeof httpError.params>, env = SIMULATED, at = context()): RespondEffect {
  const effects = httpError.plan(httpError.params.parse(input), env)(at);
  expect(effects).toHaveLength(1);
  return effects[0] as RespondEffect;
}

function headers(effect: RespondEffect): Record<string, string> {
  return Object.fromEntries(effect.headers);
}

function complaint(input: unknown): string {
  const result = httpError.params.safeParse(input);
  expect(result.success).toBe(false);
  return z.prettifyError(result.error!);
}

describe('bodies by status', () => {
  test.each([
    [400, 'invalid_request_error', 'Bad Request'],
    [401, 'authentication_error', 'Unauthorized'],
    [402, 'billing_error', 'Payment Required'],
    [403, 'permission_error', 'Forbidden'],
    [404, 'not_found_error', 'Not Found'],
    [409, 'conflict_error', 'Conflict'],
    [413, 'request_too_large', 'Request Entity Too Large'],
    [418, 'invalid_request_error', 'HTTP 418'],
    [422, 'invalid_request_error', 'Unprocessable Content'],
    [429, 'rate_limit_error', 'Too Many Requests'],
    [500, 'api_error', 'Internal Server Error'],
    [503, 'api_error', 'Service Unavailable'],
    [504, 'timeout_error', 'Gateway Timeout'],
    [529, 'overloaded_error', 'Overloaded'],
    [599, 'api_error', 'HTTP 599'],
  ])('%i is %s', (status, type, reason) => {
    const effect = answer({ status });
    expect(effect.status).toBe(status);
    expect(effect.reason).toBe(reason);
    expect(effect.body).toBe(
      `{"type":"error","error":{"type":"${type}","message":"Simulated error: ${reason}"},"request_id":"${REQUEST_ID_SLOT}"}`,
    );
    expect(headers(effect)).toMatchObject({
      'content-type': 'application/json',
      'request-id': REQUEST_ID_SLOT,
    });
  });

  test('a type brings its status, and may be put on another', () => {
    expect(answer({ type: 'overloaded_error' }).status).toBe(529);
    const odd = answer({ status: 500, type: 'overloaded_error' }, REAL);
    expect(odd.status).toBe(500);
    expect(JSON.parse(odd.body as string).error).toEqual({ type: 'overloaded_error', message: 'Overloaded' });
  });
});

describe('headers by status', () => {
  test.each([
    [400, 'false', undefined],
    [401, undefined, undefined],
    [403, undefined, undefined],
    [413, undefined, undefined],
    [429, 'true', '5'],
    [500, undefined, undefined],
    [529, 'true', undefined],
  ])('%i: x-should-retry %s, retry-after %s', (status, shouldRetry, retryAfter) => {
    const sent = headers(answer({ status }));
    expect(sent['x-should-retry']).toBe(shouldRetry);
    expect(sent['retry-after']).toBe(retryAfter);
  });

  test('the recorded 429 comes out whole', () => {
    const {
      'request-id': _id,
      'content-type': _type,
      ...sent
    } = headers(answer({ status: 429, retry_after: 16 }));
    expect(sent).toEqual({
      'x-should-retry': 'true',
      'retry-after': '16',
      'anthropic-ratelimit-input-tokens-limit': '200000',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2025-06-02T15:15:48Z',
      'anthropic-ratelimit-output-tokens-limit': '80000',
      'anthropic-ratelimit-output-tokens-remaining': '80000',
      'anthropic-ratelimit-output-tokens-reset': '2025-06-02T15:14:45Z',
      'anthropic-ratelimit-requests-limit': '4000',
      'anthropic-ratelimit-requests-remaining': '4000',
      'anthropic-ratelimit-requests-reset': '2025-06-02T15:14:45Z',
      'anthropic-ratelimit-tokens-limit': '280000',
      'anthropic-ratelimit-tokens-remaining': '80000',
      'anthropic-ratelimit-tokens-reset': '2025-06-02T15:14:45Z',
      'anthropic-organization-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'anthropic-workspace-id': expect.stringMatching(/^wrkspc_[0-9A-Za-z]{24}$/),
    });
  });

  test('a key that is not accepted has no organization', () => {
    expect(headers(answer({ status: 401 }))).not.toHaveProperty('anthropic-organization-id');
    expect(headers(answer({ status: 403 }))).toHaveProperty('anthropic-organization-id');
  });
});

describe('real wordings', () => {
  test('413 is the bare form of the edge', () => {
    const effect = answer({ status: 413 }, REAL);
    expect(effect.body).toBe(
      '{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
    );
    expect(effect.headers).toEqual([['content-type', 'application/json']]);
    expect(answer({ name: 'request-too-large' }).body).toBe(effect.body);
  });

  test('a name is real by itself and simulated on demand', () => {
    expect(JSON.parse(answer({ name: 'overloaded' }).body as string).error.message).toBe('Overloaded');
    expect(
      JSON.parse(answer({ name: 'overloaded', message: 'simulated' }).body as string).error.message,
    ).toBe('Simulated error: Overloaded');
  });

  test('where no wording is known, the simulated one stands in', () => {
    expect(JSON.parse(answer({ status: 504 }, REAL).body as string).error.message).toBe(
      'Simulated error: Gateway Timeout',
    );
  });

  test('the spend cap carries its code, the day of return and no retry-after', () => {
    const effect = answer({ name: 'spend-cap' }, SIMULATED, context(Date.UTC(2026, 11, 31, 23, 59, 59)));
    const body = effect.body as string;
    expect(body).toContain('You will regain access on 2027-01-01 at 00:00 UTC.');
    expect(body).toContain('"details":{"error_code":"enforced_spend_limit_reached"}},"request_id":');
    expect(headers(effect)).not.toHaveProperty('retry-after');
  });

  test('the empty bucket is named with its size, the organization and the model asked for', () => {
    const effect = answer({ name: 'rate-limit' }, SIMULATED, context(WALL, '{"model":"claude-{org}"}'));
    const { message } = JSON.parse(effect.body as string).error;
    const organization = headers(effect)['anthropic-organization-id'];
    expect(message).toContain(
      `rate limit of 200,000 input tokens per minute (org: ${organization}, model: claude-{org}).`,
    );
  });

  test('only wordings that name the model need the body', () => {
    const reads = (input: z.input<typeof httpError.params>, env: FaultEnv) =>
      httpError.readsBody!(httpError.params.parse(input), env);
    expect(reads({ status: 429 }, REAL)).toBe(true);
    expect(reads({ status: 429 }, SIMULATED)).toBe(false);
    expect(reads({ status: 529 }, REAL)).toBe(false);
    expect(reads({ name: 'model-not-found' }, SIMULATED)).toBe(true);
  });
});

describe('what the user says', () => {
  test('own text, code and ids', () => {
    const effect = answer({
      status: 500,
      message: 'It {model} broke',
      error_code: 'x_y',
      request_id: 'req_1',
    });
    expect(effect.body).toBe(
      '{"type":"error","error":{"type":"api_error","message":"It {model} broke","details":{"error_code":"x_y"}},"request_id":"req_1"}',
    );
    expect(headers(effect)['request-id']).toBe('req_1');
  });

  test.each([
    [null, undefined, ',"request_id":null}'],
    ['absent', undefined, 'Overloaded"}}'],
    ['header-only', REQUEST_ID_SLOT, 'Overloaded"}}'],
  ])('request_id: %s', (request_id, header, end) => {
    const effect = answer({ status: 529, request_id });
    expect(headers(effect)['request-id']).toBe(header);
    expect(effect.body).toMatch(new RegExp(`${end.replaceAll('}', '\\}')}$`));
  });

  test('a body goes out byte for byte, and its id is the header’s', () => {
    const text = ' {"request_id": "req_mine",\n "a":1}';
    const effect = answer({ status: 500, body: text });
    expect(effect.body).toBe(text);
    expect(headers(effect)['request-id']).toBe('req_mine');
    expect(headers(answer({ status: 500, body: '<p>no' }))['request-id']).toBe(REQUEST_ID_SLOT);
    expect(headers(answer({ status: 500, body: '{"request_id":"a\\r\\nb"}' }))['request-id']).toBe(
      REQUEST_ID_SLOT,
    );
    expect(answer({ status: 500, body: { b: 1, a: [2] } }).body).toBe('{"b":1,"a":[2]}');
  });

  test('own headers win, repeat, and take ours away', () => {
    const effect = answer({
      status: 429,
      headers: { 'Retry-After': 7, 'set-cookie': ['a=1', 'b=2'], 'x-should-retry': null },
    });
    const named = effect.headers.map(([name, value]) => `${name}: ${value}`);
    expect(named.filter((line) => /retry-after/i.test(line))).toEqual(['Retry-After: 7']);
    expect(named.filter((line) => line.startsWith('set-cookie'))).toEqual([
      'set-cookie: a=1',
      'set-cookie: b=2',
    ]);
    expect(named.some((line) => line.startsWith('x-should-retry'))).toBe(false);
  });

  test('an own request-id header is the body’s too', () => {
    expect(answer({ status: 529, headers: { 'Request-Id': 'req_h' } }).body).toContain(
      '"request_id":"req_h"',
    );
  });

  test.each([
    [0, 'retry-after', '0'],
    [90, 'retry-after', '90'],
    ['30', 'retry-after', '30'],
    ['2m', 'retry-after', '120'],
    [{ date: 30 }, 'retry-after', 'Mon, 02 Jun 2025 15:15:15 GMT'],
    [{ date: -30 }, 'retry-after', 'Mon, 02 Jun 2025 15:14:15 GMT'],
    [{ ms: 1500 }, 'retry-after-ms', '1500'],
    ['invalid', 'retry-after', 'invalid'],
    ['-1', 'retry-after', '-1'],
    [{ text: '1.5s' }, 'retry-after', '1.5s'],
  ])('retry_after: %j', (retry_after, name, value) => {
    const sent = headers(answer({ status: 529, retry_after }));
    expect(sent[name]).toBe(value);
    expect(Object.keys(sent).filter((key) => key.startsWith('retry-after'))).toEqual([name]);
  });

  test('retry_after: absent takes the default away, the limits stay', () => {
    const sent = headers(answer({ status: 429, retry_after: 'absent' }));
    expect(sent).not.toHaveProperty('retry-after');
    expect(sent).toHaveProperty('anthropic-ratelimit-tokens-reset');
  });

  test.each([
    [true, 'true'],
    [false, 'false'],
    ['absent' as const, undefined],
  ])('should_retry: %s', (should_retry, value) => {
    expect(headers(answer({ status: 529, should_retry }))['x-should-retry']).toBe(value);
  });
});

describe('the same object while nothing in it changes', () => {
  test('for good without times, for a second with them', () => {
    const plain = httpError.plan(httpError.params.parse({ status: 529 }), SIMULATED);
    expect(plain(context(WALL))).toBe(plain(context(WALL + 86_400_000)));
    const timed = httpError.plan(httpError.params.parse({ status: 429 }), SIMULATED);
    const first = timed(context(WALL));
    expect(timed(context(WALL + 700))).toBe(first);
    expect(timed(context(WALL + 800))).not.toBe(first);
    expect(Object.isFrozen(first[0])).toBe(true);
  });

  test('per model where the wording names it', () => {
    const plan = httpError.plan(httpError.params.parse({ name: 'model-not-found' }), SIMULATED);
    const a = plan(context(WALL, '{"model":"a"}'));
    const b = plan(context(WALL, '{"model":"b"}'));
    expect((b[0] as RespondEffect).body).toContain('"message":"model: b"');
    expect(plan(context(WALL, '{"model":"a"}'))).toBe(a);
  });
});

describe('what is refused, in one sentence', () => {
  test.each([
    [{}, 'say which error: status: 529, type: overloaded_error or name: overloaded'],
    [{ status: 200 }, 'status is a whole number from 400 to 599'],
    [{ status: '500' }, 'status is a whole number from 400 to 599'],
    [{ type: 'strange_error' }, 'no status is known for strange_error: add one'],
    [{ name: 'rate-limits' }, 'it has rate-limit'],
    [{ status: 500, body: 'x', message: 'y' }, 'drop message or body'],
    [{ status: 500, headers: { 'content-length': 1 } }, 'content-length cannot be set'],
    [{ status: 500, headers: { 'Transfer-Encoding': 'chunked' } }, 'Transfer-Encoding cannot be set'],
    [{ status: 500, headers: { connection: 'keep-alive, Upgrade' } }, 'upgrade cannot be set'],
    [{ status: 500, headers: { 'a b': 'c' } }, 'is not a header name'],
    [{ status: 500, headers: { a: 'b\r\nc: d' } }, 'holds a line break'],
    [{ status: 500, headers: { a: 'b\0' } }, 'that HTTP does not allow'],
    [{ status: 500, headers: { a: '1', A: '2' } }, 'named twice'],
    [{ status: 500, headers: { a: { b: 1 } } }, 'a header is a text, a list of texts'],
    [{ status: 500, retry_after: '1.5s' }, 'write { ms: 1500 }'],
    [{ status: 500, retry_after: 1.5 }, 'retry_after is whole seconds (30), absent'],
    [{ status: 500, should_retry: 'maybe' }, 'should_retry is true, false or absent'],
    [{ status: 500, retryafter: 5 }, 'retryafter'],
  ])('%j', (input, text) => {
    const said = complaint(input);
    expect(said).toContain(text);
    expect(said.match(/✖/g)).toHaveLength(1);
  });
});

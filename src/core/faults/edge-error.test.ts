import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { edgeCatalogue } from '../anthropic/edge.ts';
import type { RespondEffect } from '../effect.ts';
import type { RequestFacts } from '../facts.ts';
import { edgeError } from './edge-error.ts';
import type { PlanContext } from './fault.ts';

const WALL = Date.UTC(2026, 7, 22, 10, 11, 12, 345);
const DRAWS = [0.590_1, 0.25, 0.1];

function answer(
  input: z.input<typeof edgeError.params>,
  draws = DRAWS,
  host = 'api.anthropic.com',
): RespondEffect {
  const context: PlanContext<'exchange'> = {
    facts: { host } as RequestFacts,
    draw: (lane = 0) => draws[lane]!,
    nth: 1,
    now: 0,
    wall: WALL,
  };
  const effects = edgeError.plan(edgeError.params.parse(input), { seed: '1', messages: 'real' })(context);
  expect(effects).toHaveLength(1);
  return effects[0] as RespondEffect;
}

const headers = (effect: RespondEffect) =>
  Object.fromEntries(effect.headers.map(([name, value]) => [name.toLowerCase(), value]));

test.each(edgeCatalogue.map(({ name, status }) => [name, status] as const))(
  '%s is no answer of the API',
  (name, status) => {
    const effect = answer({ name });
    expect(effect.status).toBe(status);
    const names = Object.keys(headers(effect));
    expect(names.filter((key) => /^(request-id|anthropic-|x-should-retry|retry-after)/.test(key))).toEqual(
      [],
    );
    expect(effect.body).not.toContain('request_id');
  },
);

describe('Cloudflare JSON', () => {
  test('522 has the keys of the samples, in their order', () => {
    const body = JSON.parse(answer({ name: 'cloudflare-522' }).body as string);
    expect(Object.keys(body)).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'instance',
      'error_code',
      'error_name',
      'error_category',
      'ray_id',
      'timestamp',
      'zone',
      'cloudflare_error',
      'retryable',
      'retry_after',
      'owner_action_required',
      'what_you_should_do',
      'footer',
    ]);
    expect(body).toMatchObject({
      type: expect.stringMatching(/\/cloudflare-5xx-errors\/error-522\/$/),
      title: 'Error 522: Connection timed out',
      status: 522,
      error_code: 522,
      error_name: 'connection_timeout',
      error_category: 'origin',
      timestamp: '2026-08-22T10:11:12Z',
      zone: 'api.anthropic.com',
      cloudflare_error: true,
      retryable: true,
      retry_after: 120,
      owner_action_required: true,
    });
    expect(body.ray_id).toMatch(/^[0-9a-f]{16}$/);
    expect(body.instance).toBe(body.ray_id);
  });

  test('is the default form, its ray is the header’s, and its wait is settable', () => {
    for (const name of [
      'cloudflare-502',
      'cloudflare-504',
      'cloudflare-520',
      'cloudflare-522',
      'cloudflare-524',
    ]) {
      const effect = answer({ name, retry_after: 7 });
      const body = JSON.parse(effect.body as string);
      expect(headers(effect)['cf-ray']).toBe(`${body.ray_id}-VIE`);
      expect(headers(effect)['content-type']).toBe('application/json');
      expect(body.retry_after).toBe(7);
    }
  });
});

describe('Cloudflare HTML', () => {
  test.each([
    ['cloudflare-502', 'api.anthropic.com | 502: Bad gateway'],
    ['cloudflare-504', 'api.anthropic.com | 504: Gateway time-out'],
    ['cloudflare-520', 'api.anthropic.com | 520: Web server is returning an unknown error'],
  ])('%s is titled %s', (name, title) => {
    const effect = answer({ name, format: 'html' });
    expect(effect.body).toContain(`<title>${title}</title>`);
    expect(effect.body).toMatch(/^<!DOCTYPE html>\n<!--\[if lt IE 7\]>/);
  });

  test('the recorded header set of 504', () => {
    expect(answer({ name: 'cloudflare-504', format: 'html' }).headers).toEqual([
      ['Content-Type', 'text/html; charset=UTF-8'],
      ['X-Frame-Options', 'SAMEORIGIN'],
      ['Referrer-Policy', 'same-origin'],
      ['Cache-Control', 'private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0'],
      ['Expires', 'Thu, 01 Jan 1970 00:00:01 GMT'],
      ['X-Robots-Tag', 'none'],
      ['Server', 'cloudflare'],
      ['CF-RAY', expect.stringMatching(/^[0-9a-f]{16}-VIE$/)],
    ]);
  });

  test('the challenge', () => {
    const effect = answer({ name: 'challenge-403' });
    expect(effect.body).toContain('<title>Just a moment...</title>');
    expect(headers(effect)['content-type']).toMatch(/^text\/html/);
  });

  test('a host is text, never markup', () => {
    expect(answer({ name: 'cloudflare-504', format: 'html' }, DRAWS, '<b>&').body).toContain(
      '<title>&lt;b&gt;&amp; | 504',
    );
  });
});

test.each([
  [
    undefined,
    'remote connection failure, transport failure reason: delayed connect error: Connection refused',
  ],
  ['connection-timeout' as const, 'connection timeout'],
  ['connection-termination' as const, 'connection termination'],
])('Envoy: %s', (reason, text) => {
  const effect = answer({ name: 'envoy-503', ...(reason && { reason }) });
  expect(effect.body).toBe(
    `upstream connect error or disconnect/reset before headers. reset reason: ${text}`,
  );
  expect(effect.headers).toEqual([['content-type', 'text/plain']]);
});

test('an unserved region', () => {
  expect(answer({ name: 'region-403' }).body).toBe(
    '{"error":{"type":"forbidden","message":"Request not allowed"}}',
  );
});

test('ray and data centre come from the draws, own headers win', () => {
  const ray = (draws: number[]) => headers(answer({ name: 'cloudflare-504' }, draws))['cf-ray'];
  expect(ray([0, 0, 0])).toBe('0000000000000000-VIE');
  expect(ray([1 - 2 ** -53, 1 - 2 ** -53, 1 - 2 ** -53])).toBe('ffffffffffffffff-SIN');
  const own = answer({ name: 'cloudflare-504', headers: { server: 'mine', 'retry-after': 3 } });
  expect(headers(own)).toMatchObject({ server: 'mine', 'retry-after': '3' });
});

test.each([
  [{}, 'name is region-403'],
  [{ name: 'cloudflare' }, 'cloudflare-522 or cloudflare-524'],
  [{ name: 'envoy-503', format: 'json' }, 'envoy-503 has no json form, only text'],
  [{ name: 'cloudflare-522', reason: 'connection-timeout' }, 'reason goes with name: envoy-503 alone'],
  [{ name: 'cloudflare-522', format: 'html', retry_after: 5 }, "retry_after stands in Cloudflare's JSON"],
  [{ name: 'cloudflare-522', headers: { 'content-length': 5 } }, 'content-length cannot be set'],
])('%j is refused in one sentence', (input, text) => {
  const said = z.prettifyError(edgeError.params.safeParse(input).error!);
  expect(said).toContain(text);
  expect(said.match(/✖/g)).toHaveLength(1);
});

import { describe, expect, it } from 'vitest';
import { type CallOptions, call, HI, headerOf, json, refusal } from './calls.ts';

describe('endpoints', () => {
  const get = { method: 'GET', headers: {} };
  it.each<[string, CallOptions, number]>([
    ['messages', {}, 200],
    ['its alias for the AI SDK', { target: '/messages' }, 200],
    ['a query', { target: '/v1/messages?beta=true' }, 200],
    ['absolute form', { target: 'http://api.anthropic.com/v1/messages' }, 200],
    ['hello', { target: '/api/hello', method: 'HEAD', headers: { 'x-api-key': undefined } }, 200],
    ['models', { target: '/v1/models', ...get }, 200],
    ['a model', { target: '/v1/models/claude-opus-5-5', ...get }, 200],
    ['settings of Claude Code', { target: '/api/claude_code/settings', ...get }, 204],
    ['its limits', { target: '/api/claude_code/policy_limits', ...get }, 200],
    ['its metrics', { target: '/api/claude_code/organizations/metrics_enabled', ...get }, 200],
    ['its fast mode', { target: '/api/claude_code_penguin_mode', ...get }, 200],
    ['its options', { target: '/api/claude_cli/bootstrap?entrypoint=cli', ...get }, 200],
    ['its experiments', { target: '/api/eval/sdk-abc' }, 200],
    ['its directory', { target: '/api/directory/server-urls', ...get }, 200],
    ['its events', { target: '/api/event_logging/v2/batch' }, 200],
    ['its events, asked for', { target: '/api/event_logging/v2/batch', ...get }, 405],
    ['batches', { target: '/v1/messages/batches' }, 404],
    ['files', { target: '/v1/files', ...get }, 404],
    ['the root', { target: '/', method: 'HEAD' }, 404],
    ['a version too many', { target: '/v1/v1/messages' }, 404],
    ['the legacy endpoint', { target: '/v1/complete' }, 404],
  ])('%s', (_, options, status) => {
    expect(call(HI, options).status).toBe(status);
  });

  it('answers an alias like the endpoint itself', () => {
    expect(call(HI, { target: '/messages' })).toEqual(call(HI));
  });

  it('says which methods it takes', () => {
    const answer = call(undefined, { method: 'GET' });
    expect(answer.status).toBe(405);
    expect(headerOf(answer, 'allow')).toBe('POST');
    expect(call(HI, { target: '/v1/models', method: 'POST' }).status).toBe(405);
  });

  it.each(['/api/claude_code/settings', '/api/claude_cli/bootstrap'])('asks no key for %s', (target) => {
    const { status, headers } = call(undefined, {
      target,
      method: 'GET',
      headers: { 'x-api-key': undefined },
    });
    expect(status).toBeLessThan(300);
    expect(headers.map(([name]) => name.toLowerCase())).toContain('request-id');
  });

  it('says which 404 is its own', () => {
    const own = (target: string): string | undefined =>
      headerOf(call(undefined, { target, ...get }), 'x-stand-in-unknown-path');
    expect([own('/v1/files'), own('/v1/models/claude-nope')]).toEqual(['true', undefined]);
  });

  it('says 404 in the words of the API', () => {
    expect(refusal(HI, { target: '/nowhere' })).toBe(
      '404 not_found_error: The requested resource could not be found.',
    );
  });
});

describe('keys', () => {
  it.each([
    [{ 'x-api-key': undefined }, '401 authentication_error: x-api-key header is required'],
    [{ 'x-api-key': '' }, '401 authentication_error: x-api-key header is required'],
    [{ 'x-api-key': 'invalid' }, '401 authentication_error: invalid x-api-key'],
    [{ 'x-api-key': 'sk-ant-invalid' }, '401 authentication_error: invalid x-api-key'],
    [
      { 'x-api-key': undefined, authorization: 'Basic eDp5' },
      '401 authentication_error: x-api-key header is required',
    ],
    [{ 'x-api-key': undefined, authorization: 'Bearer' }, '401 authentication_error: Invalid bearer token'],
    [
      { 'x-api-key': undefined, authorization: 'Bearer invalid' },
      '401 authentication_error: Invalid bearer token',
    ],
    [{ 'x-api-key': undefined, authorization: 'Bearer sk-ant-api03-x' }, '200'],
    [{ 'x-api-key': undefined, authorization: 'bearer anything' }, '200'],
    [{ 'x-api-key': 'good', authorization: 'Bearer invalid' }, '200'],
    [{ 'x-api-key': 'invalid', authorization: 'Bearer good' }, '401 authentication_error: invalid x-api-key'],
  ])('%j', (headers, expected) => {
    expect(refusal(HI, { headers })).toBe(expected);
  });

  it('names no organization where the key was not accepted', () => {
    const refused = call(HI, { headers: { 'x-api-key': 'invalid' } });
    expect(headerOf(refused, 'anthropic-organization-id')).toBeUndefined();
    expect(headerOf(call({}), 'anthropic-organization-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('versions', () => {
  const version = (value: string | undefined) => ({ headers: { 'anthropic-version': value } });
  it('needs one of the two', () => {
    expect(refusal(HI, version('2023-06-01'))).toBe('200');
    expect(refusal(HI, version('2026-10-21'))).toBe('200');
    expect(refusal(HI, version(undefined))).toBe(
      '400 invalid_request_error: anthropic-version: header is required',
    );
    expect(refusal(HI, version('2023-06-01, 2023-06-01'))).toBe(
      '400 invalid_request_error: anthropic-version: "2023-06-01, 2023-06-01" is not a valid version',
    );
  });

  it.each(['temperature', 'top_p', 'top_k'])('%s went with the newer one', (name) => {
    const body = { ...HI, [name]: 1 };
    expect(refusal(body, version('2023-06-01'))).toBe('200');
    expect(refusal(body, version('2026-10-21'))).toBe(
      `400 invalid_request_error: ${name}: Extra inputs are not permitted`,
    );
    expect(
      refusal(body, { headers: { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'x' } }),
    ).toContain('Extra inputs');
  });
});

describe('answers', () => {
  it('carries its request id in header and error body', () => {
    const refused = call({});
    const id = headerOf(refused, 'request-id');
    expect(id).toMatch(/^req_011C[0-9A-Za-z]{20}$/);
    expect(json(refused)).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'model: Field required' },
      request_id: id,
    });
    expect(headerOf(refused, 'x-should-retry')).toBe('false');
    expect(headerOf(call(HI), 'request-id')).toMatch(/^req_011C[0-9A-Za-z]{20}$/);
  });

  it('tells rate limits on success, with resets in RFC 3339', () => {
    const answer = call({ ...HI, max_tokens: 64_000, messages: [{ role: 'user', content: 'words=5000' }] });
    const { usage } = json(answer);
    const limit = (name: string) => headerOf(answer, `anthropic-ratelimit-${name}`);
    expect(limit('requests-limit')).toBe('4000');
    expect(limit('requests-remaining')).toBe('3999');
    expect(limit('output-tokens-remaining')).toBe(
      String(Math.round((80_000 - usage.output_tokens) / 1000) * 1000),
    );
    expect(limit('output-tokens-reset')).toMatch(/^2026-11-23T12:00:0\dZ$/);
    expect(limit('output-tokens-reset')).not.toBe('2026-11-23T12:00:00Z');
    expect(limit('input-tokens-reset')).toBe('2026-11-23T12:00:00Z');
    expect(headerOf(call({}), 'anthropic-ratelimit-requests-limit')).toBeUndefined();
  });

  it('refuses 32 MiB as the edge does, before it looks at a key', () => {
    const answer = call(undefined, { bodyProblem: 'too-large', headers: { 'x-api-key': undefined } });
    expect(answer.status).toBe(413);
    expect(answer).toHaveProperty(
      'body',
      '{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
    );
    expect(headerOf(answer, 'request-id')).toBeUndefined();
  });

  it('tells bodies apart that it could not decode', () => {
    const code = (bodyProblem: 'undecodable' | 'too-large-decoded') =>
      json(call(undefined, { bodyProblem })).error.details.error_code;
    expect(code('undecodable')).toBe('request_body_encoding_invalid');
    expect(code('too-large-decoded')).toBe('request_body_too_large_after_decoding');
  });
});

describe('the same request', () => {
  const stream = { ...HI, stream: true };
  const whole = (body: typeof HI, options?: CallOptions) => {
    const answer = call(body, options);
    return { ...answer, frames: 'frames' in answer ? [...answer.frames()] : [] };
  };

  it('gets the same answer, whoever asks', () => {
    for (const body of [HI, stream, {}]) {
      expect(whole(body, { headers: { 'x-stainless-retry-count': '1', 'x-api-key': 'other' } })).toEqual(
        whole(body),
      );
    }
  });

  it('gets other ids under another seed, and the same text', () => {
    const a = json(call(HI));
    const b = json(call(HI, { seed: 'other' }));
    expect(b.id).not.toBe(a.id);
    expect(b.content).toEqual(a.content);
    expect(headerOf(call(HI, { seed: 'other' }), 'request-id')).not.toBe(headerOf(call(HI), 'request-id'));
  });

  it('with another body gets other ids', () => {
    expect(json(call({ ...HI, max_tokens: 499 })).id).not.toBe(json(call(HI)).id);
  });
});

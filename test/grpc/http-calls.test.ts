/** Fault's plain-HTTP calls: what rules see, what is done, what cannot be, and each thing that fault does wrong. */
import { setMaxListeners } from 'node:events';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Effect, RespondEffect } from '../../src/core/effect.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { fastClock } from '../support/fast-clock.ts';
import { overloaded, testRules } from '../support/rules.ts';
import { type TestPlugin, testPlugin } from './support.ts';

type Headers = Readonly<Record<string, string>>;

const list = (headers: Headers) => Object.entries(headers).map(([name, value]) => ({ name, value }));
const names = (headers: readonly { name: string; value: string }[] = []): Headers =>
  Object.fromEntries(headers.map(({ name, value }) => [name.toLowerCase(), value]));

function request(path: string, headers: Headers = {}, body: unknown = { model: 'claude-haiku-4-5' }) {
  return {
    request: {
      method: 'POST',
      path,
      headers: list({ host: 'api.anthropic.com', 'content-type': 'application/json', ...headers }),
      body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
    },
  };
}

function response(body: string | Buffer, headers: Headers = {}, statusCode = 200) {
  return { response: { statusCode, headers: list(headers), body: Buffer.from(body) } };
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function plugin(effects?: Effect | readonly Effect[], options: Parameters<typeof testPlugin>[0] = {}) {
  return testPlugin({ rules: testRules(() => effects, { body: true }), ...options });
}

function of<T extends ProxyEvent['type']>({ events }: TestPlugin, type: T) {
  return events.filter((event): event is Extract<ProxyEvent, { type: T }> => event.type === type);
}

describe('an injected answer', () => {
  it('is ABORT with status, headers, body and marker, all of them told', async () => {
    const rules = testRules(() => overloaded([['x-should-retry', 'true']]), { body: true });
    const fault = await testPlugin({ rules });
    const reply = await fault.call('processHttpRequest', request('/v1/messages?beta=true'));
    expect(reply.action).toBe(1);
    const { statusCode, headers, body } = reply.abortResponse!;
    const text = Buffer.from(body).toString();
    expect(statusCode).toBe(529);
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'overloaded_error' } });
    expect(names(headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(body.length),
      'request-id': JSON.parse(text).request_id,
      'x-should-retry': 'true',
      'x-injected-fault': 'test/test-fault',
    });
    expect(Date.parse(names(headers).date!)).toBeGreaterThan(0);
    expect(fault.events.map(({ type }) => type)).toEqual([
      'exchange.decided',
      'fault.applied',
      'exchange.head',
      'exchange.ended',
    ]);
    expect(of(fault, 'exchange.ended')[0]).toMatchObject({ how: 'complete', cause: 'injected', status: 529 });
    expect(rules.settled).toEqual([{ status: 529, complete: true, injected: true }]);
  });

  it('gives a HEAD request no body', async () => {
    const fault = await plugin(overloaded());
    const { request: call } = request('/v1/models');
    const reply = await fault.call('processHttpRequest', { request: { ...call, method: 'HEAD' } });
    expect(reply.abortResponse?.body).toHaveLength(0);
  });

  it('has no marker where none is wanted', async () => {
    const fault = await plugin(overloaded(), { marker: false });
    const reply = await fault.call('processHttpRequest', request('/v1/messages'));
    expect(names(reply.abortResponse?.headers)).not.toHaveProperty('x-injected-fault');
  });

  it('leaves out headers that fault would not take, and says so', async () => {
    const fault = await plugin(overloaded([['x-city', 'Zürich']]));
    const reply = await fault.call('processHttpRequest', request('/v1/messages'));
    expect(names(reply.abortResponse?.headers)).not.toHaveProperty('x-city');
    expect(of(fault, 'notice')[0]?.message).toContain('x-city is left out');
  });

  it.each<[string, Partial<RespondEffect>, RegExp]>([
    ['status 103', { status: 103 }, /cannot answer with the status 103/],
    ['a body of 5 MiB', { body: 'x'.repeat(5 * 1024 * 1024) }, /larger than the 4 MiB/],
  ])('with %s is skipped, with the reason', async (_name, change, reason) => {
    const fault = await plugin({ ...overloaded(), ...change });
    const reply = await fault.call('processHttpRequest', request('/v1/messages'));
    expect(reply.action).toBe(0);
    expect(of(fault, 'fault.applied')).toEqual([]);
    expect(of(fault, 'fault.skipped')[0]?.reason).toMatch(reason);
  });
});

describe('what rules see', () => {
  it('is the call as it would be on any other way', async () => {
    const rules = testRules(() => undefined, { body: true });
    const fault = await testPlugin({ rules });
    const headers = { 'x-api-key': 'k', 'X-Stainless-Retry-Count': '2' };
    await fault.call(
      'processHttpRequest',
      request('/v1/messages?beta=true', headers, { model: 'm', stream: true }),
    );
    const [facts] = rules.asked;
    expect(facts).toMatchObject({
      host: 'api.anthropic.com',
      port: 443,
      via: 'plugin',
      method: 'POST',
      path: '/v1/messages',
      query: 'beta=true',
      attempt: 2,
    });
    expect(facts?.body).toMatchObject({ model: 'm', stream: true });
    expect(of(fault, 'exchange.decided')[0]).toMatchObject({
      via: 'plugin',
      path: '/v1/messages',
      model: 'm',
    });
  });

  it.each([
    ['api.anthropic.com', 'api.anthropic.com', 443],
    ['api.anthropic.com:8443', 'api.anthropic.com:8443', 8443],
    ['localhost', 'localhost:7443', 7443], // fault's reverse proxies leave out the port
    [undefined, 'localhost:7443', 7443],
  ])('Host %s is the target %s', async (host, target, port) => {
    const rules = testRules(() => undefined);
    const fault = await testPlugin({ rules, targets: [target] });
    const { request: call } = request('/');
    const headers = host === undefined ? [] : list({ host });
    await fault.call('processHttpRequest', { request: { ...call, headers } });
    expect(rules.asked[0]).toMatchObject({ port });
  });

  it('is nothing of a call to another host: it passes, and that is said once', async () => {
    const fault = await plugin(overloaded());
    for (const path of ['/a', '/b'])
      expect(await fault.call('processHttpRequest', request(path, { host: 'example.com' }))).toMatchObject({
        action: 0,
      });
    expect(fault.events.map(({ type }) => type)).toEqual(['notice']);
    expect(of(fault, 'notice')[0]?.message).toContain('--target-host example.com');
  });

  it('is a fault that a request asks for by name, whose header goes no further', async () => {
    const headers = { 'x-aep-fault': 'overloaded' };
    const asked = await plugin(undefined, { allowRequestFaults: true });
    const reply = await asked.call('processHttpRequest', request('/v1/messages', headers));
    expect(reply.abortResponse?.statusCode).toBe(529);
    const other = await asked.call(
      'processHttpRequest',
      request('/v1/messages', { 'x-aep-fault': 'no-such' }),
    );
    expect(names(other.modifiedRequest?.headers)).not.toHaveProperty('x-aep-fault');
    const off = await plugin();
    expect(await off.call('processHttpRequest', request('/v1/messages', headers))).toMatchObject({
      action: 0,
    });
  });

  it.each([
    ['a line end in a header', request('/', { 'x-a': 'b\r\nc: d' }), /character/],
    ['a line end in the path', request('/ HTTP/1.1\r\nx: y'), /character/],
    ['a path with a space', request('/a b'), /./],
    ['a Host that is none', request('/', { host: 'a b' }), /./],
  ])('is not %s: INVALID_ARGUMENT', async (_name, bad, why) => {
    const fault = await plugin();
    await expect(fault.call('processHttpRequest', bad)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(why),
    });
    expect(fault.events).toEqual([]);
  });
});

describe('a request that goes on', () => {
  it('is cut at ? and otherwise as it came, since fault doubles the query', async () => {
    const fault = await plugin();
    const sent = request('/v1/messages?beta=true', { 'X-Case': 'Kept', 'content-length': '28' });
    const reply = await fault.call('processHttpRequest', sent);
    expect(reply).toMatchObject({ action: 0, modifiedRequest: { method: 'POST', path: '/v1/messages' } });
    expect(reply.modifiedRequest?.headers).toMatchObject(sent.request.headers);
    expect(Buffer.from(reply.modifiedRequest!.body)).toEqual(sent.request.body);
  });

  it('is left alone without a query', async () => {
    const fault = await plugin();
    const reply = await fault.call('processHttpRequest', request('/v1/messages'));
    expect(reply).toMatchObject({ action: 0 });
    expect(reply.modifiedRequest).toBeUndefined();
  });

  it('offers no coding that cannot be undone, where its answer will be read', async () => {
    const headers = { 'accept-encoding': 'zstd, gzip,br;q=0.5' };
    const reading = await plugin({ do: 'rewrite', rewrite: (body) => ({ body }) });
    const changed = await reading.call('processHttpRequest', request('/v1/messages', headers));
    expect(names(changed.modifiedRequest?.headers)['accept-encoding']).toBe('gzip,br;q=0.5');
    const passing = await plugin();
    const left = await passing.call('processHttpRequest', request('/v1/messages?a=b', headers));
    expect(names(left.modifiedRequest?.headers)['accept-encoding']).toBe('zstd, gzip,br;q=0.5');
  });

  it('of 5 MiB is not sent back, and what fault then does to its query is said', async () => {
    const fault = await plugin();
    const large = Buffer.alloc(5 * 1024 * 1024, ' ');
    const reply = await fault.call('processHttpRequest', request('/v1/messages?beta=true', {}, large));
    expect(reply.modifiedRequest).toBeUndefined();
    expect(of(fault, 'notice')[0]?.code).toBe('query-mangled');
  });
});

describe('an answer that passes', () => {
  it('always has the content-length that fault cannot do without, and no transfer-encoding', async () => {
    const fault = await plugin();
    await fault.call('processHttpRequest', request('/v1/messages'));
    const headers = { ...JSON_TYPE, 'Transfer-Encoding': 'chunked', 'request-id': 'req_1' };
    const reply = await fault.call('processHttpResponse', response('{"a":1}', headers));
    expect(reply.action).toBe(0);
    expect(names(reply.modifiedResponse?.headers)).toEqual({
      'content-type': 'application/json',
      'request-id': 'req_1',
      'content-length': '7',
    });
    expect(Buffer.from(reply.modifiedResponse!.body).toString()).toBe('{"a":1}');
    expect(of(fault, 'exchange.ended')[0]).toMatchObject({ how: 'complete', cause: null, status: 200 });
  });

  it('is natural when it is an error', async () => {
    const rules = testRules(() => undefined);
    const fault = await testPlugin({ rules });
    await fault.call('processHttpRequest', request('/v1/messages', {}, { stream: true }));
    await fault.call('processHttpResponse', response('{}', JSON_TYPE, 529));
    expect(of(fault, 'exchange.ended')[0]).toMatchObject({
      cause: 'natural',
      status: 529,
      source: 'upstream',
    });
    expect(rules.settled).toEqual([{ status: 529, complete: true, injected: false }]);
  });

  it('has its usage read, where a fault wants it; where it is not shown, that is told', async () => {
    const rules = testRules(() => [], { body: true, usage: true });
    const fault = await testPlugin({ rules, clock: fastClock(2_000) });
    const usage = { input_tokens: 11, output_tokens: 22 };
    const answer = { type: 'message', usage };
    await fault.call('processHttpRequest', request('/v1/messages'));
    await fault.call(
      'processHttpResponse',
      response(gzipSync(JSON.stringify(answer)), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    );
    expect(rules.settled).toMatchObject([{ status: 200, usage: { inputTokens: 11, outputTokens: 22 } }]);
    await fault.call('processHttpRequest', request('/v1/messages', {}, { stream: true }));
    await expect
      .poll(() => of(fault, 'fault.skipped'))
      .toMatchObject([{ reason: expect.stringContaining('does not hand streams to its plugins') }]);
  });

  it('without a call is given back with its length', async () => {
    const fault = await plugin();
    const reply = await fault.call('processHttpResponse', response('abc'));
    expect(names(reply.modifiedResponse?.headers)).toEqual({ 'content-length': '3' });
  });

  it('that is no HTTP is given back all the same', async () => {
    const fault = await plugin();
    const reply = await fault.call(
      'processHttpResponse',
      response('abc', { 'bad name': 'x', 'x-a': 'b\r\nc' }),
    );
    expect(names(reply.modifiedResponse?.headers)).toEqual({ 'content-length': '3' });
  });

  it('of 5 MiB is left to fault where it has a length; else its client gets an error, and fault lives', async () => {
    const fault = await plugin();
    const large = Buffer.alloc(5 * 1024 * 1024, 'a');
    const known = { 'content-length': String(large.length) };
    expect(
      (await fault.call('processHttpResponse', response(large, known))).modifiedResponse,
    ).toBeUndefined();
    const reply = await fault.call('processHttpResponse', response(large));
    expect(Buffer.from(reply.modifiedResponse!.body).toString()).toContain('more than 4 MiB');
    expect(of(fault, 'notice').map(({ code }) => code)).toEqual(['answer-too-large']);
  });
});

describe('delays', () => {
  const clock = () => fastClock(100);

  it('hold the request, and the answer', async () => {
    const effects: Effect[] = [
      { do: 'delay', at: 'request', ms: 3_000 },
      { do: 'delay', at: 'head', ms: 2_000 },
    ];
    const fault = await plugin(effects, { clock: clock() });
    const begun = performance.now();
    await fault.call('processHttpRequest', request('/v1/messages'));
    expect(performance.now() - begun).toBeGreaterThan(29);
    await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    expect(performance.now() - begun).toBeGreaterThan(49);
    expect(of(fault, 'fault.applied').map(({ effect }) => effect)).toEqual([
      'delay 3000 ms before the request',
      'delay 2000 ms before the answer',
    ]);
  });

  it('hold no other call meanwhile, however many are held', async () => {
    const fault = await plugin({ do: 'delay', at: 'request', ms: 7_000 });
    const leave = new AbortController();
    setMaxListeners(0, leave.signal);
    const held = Array.from({ length: 300 }, () =>
      fault.call('processHttpRequest', request('/v1/messages'), leave.signal).catch(() => 'left'),
    );
    await expect.poll(() => of(fault, 'fault.applied').length, { timeout: 4_000 }).toBe(300);
    expect(await fault.call('healthCheck', {})).toMatchObject({ healthy: true });
    expect(of(fault, 'exchange.ended')).toHaveLength(0);
    leave.abort();
    await Promise.all(held);
    await expect.poll(() => of(fault, 'exchange.ended')).toHaveLength(300);
  });

  it('of 10 s and more are skipped: fault would let nobody through', async () => {
    const fault = await plugin({ do: 'delay', at: 'request', ms: 10_000 });
    await fault.call('processHttpRequest', request('/v1/messages'));
    expect(of(fault, 'fault.skipped')[0]?.reason).toContain('a delay of 10000 ms is too long here');
  });

  it('end with a client that leaves', async () => {
    const fault = await plugin({ do: 'delay', at: 'request', ms: 7_000 });
    const leave = new AbortController();
    const call = fault.call('processHttpRequest', request('/v1/messages'), leave.signal);
    await expect.poll(() => of(fault, 'fault.applied')).toHaveLength(1);
    leave.abort();
    await expect(call).rejects.toMatchObject({ code: status.CANCELLED });
    await expect.poll(() => of(fault, 'exchange.ended')).toMatchObject([{ how: 'client-abort' }]);
  });
});

describe('what cannot be done to a plain-HTTP call', () => {
  it.each<[string, Effect, RegExp]>([
    ['a reset', { do: 'end', at: 'request', how: 'reset' }, /cannot end their connection/],
    ['a hang', { do: 'end', at: 'head', how: 'hang' }, /cannot end their connection/],
    ['a close after the answer', { do: 'end', at: 'idle', how: 'close' }, /cannot end their connection/],
    ['a cut', { do: 'cut', direction: 'down', bytes: 9, how: 'reset' }, /cannot end their connection/],
    ['a speed limit', { do: 'throttle', direction: 'down', bytesPerSecond: 9 }, /cannot slow them down/],
    ['a stream fault', { do: 'filter', open: () => ({}) as never }, /events of a stream/],
    ['another status', { do: 'head', status: 503 }, /ignores a status/],
    ['a bad certificate', { do: 'tls', as: 'expired' }, /acts on a connection/],
    ['a late delay', { do: 'delay', at: 'accept', ms: 1 }, /acts on a connection/],
  ])('%s is skipped, once and with the reason', async (_name, effect, reason) => {
    const fault = await plugin(effect);
    await fault.call('processHttpRequest', request('/v1/messages'));
    await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    expect(of(fault, 'fault.applied')).toEqual([]);
    expect(of(fault, 'fault.skipped').map(({ reason: why }) => why)).toEqual([expect.stringMatching(reason)]);
    expect(of(fault, 'exchange.ended')).toMatchObject([{ how: 'complete', cause: null, status: 200 }]);
  });

  it('a connection fault is told as skipped too', async () => {
    const rules = testRules(() => undefined, {
      connection: () => ({ do: 'end', at: 'accept', how: 'reset' }),
    });
    const fault = await testPlugin({ rules });
    await fault.call('processHttpRequest', request('/v1/messages'));
    expect(of(fault, 'connection.decided')).toHaveLength(1);
    expect(of(fault, 'fault.skipped')[0]).toMatchObject({
      exchange: 0,
      reason: expect.stringContaining('cannot end their connection'),
    });
  });
});

describe('what is done to an upstream’s answer', () => {
  const rewrite: Effect = {
    do: 'rewrite',
    rewrite: (body) => ({ body: Buffer.from(`${Buffer.from(body)}!`), note: 'one mark more' }),
  };

  it('headers are set and removed, a whole body is rewritten, both marked', async () => {
    const fault = await plugin([{ do: 'head', set: [['x-new', 'yes']], remove: ['x-old'] }, rewrite]);
    await fault.call('processHttpRequest', request('/v1/messages'));
    const reply = await fault.call('processHttpResponse', response('{}', { ...JSON_TYPE, 'X-Old': '1' }));
    expect(Buffer.from(reply.modifiedResponse!.body).toString()).toBe('{}!');
    expect(names(reply.modifiedResponse?.headers)).toEqual({
      'content-type': 'application/json',
      'x-new': 'yes',
      'x-injected-fault': 'test/test-fault',
      'content-length': '3',
    });
    expect(of(fault, 'fault.applied').map(({ effect }) => effect)).toEqual([
      'one mark more',
      'changed the head',
    ]);
    expect(of(fault, 'exchange.ended')[0]).toMatchObject({ cause: 'injected', status: 200 });
  });

  it.each<[string, Parameters<typeof response>, RegExp]>([
    ['an error of its own', ['{}', JSON_TYPE, 500], /answered 500 by itself/],
    ['an event stream', ['event: ping\n\n', { 'content-type': 'text/event-stream' }], /event stream/],
    [
      'a coding that is not what it says',
      ['{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }],
      /cannot be read/,
    ],
  ])('but not for %s', async (_name, answer, reason) => {
    const fault = await plugin(rewrite);
    const stream = (answer[1] as Headers)['content-type'] === 'text/event-stream';
    await fault.call('processHttpRequest', request('/v1/messages', {}, { stream }));
    const reply = await fault.call('processHttpResponse', response(...answer));
    expect(Buffer.from(reply.modifiedResponse!.body).toString()).toBe(answer[0]);
    expect(of(fault, 'fault.skipped')[0]?.reason).toMatch(reason);
    expect(of(fault, 'fault.applied')).toEqual([]);
  });

  it('a body shorter than its head says is skipped: fault tells the true length', async () => {
    const fault = await plugin({
      do: 'rewrite',
      rewrite: (body) => ({ body: body.subarray(1), length: 'kept' }),
    });
    await fault.call('processHttpRequest', request('/v1/messages'));
    const reply = await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    expect(Buffer.from(reply.modifiedResponse!.body).toString()).toBe('{}');
    expect(of(fault, 'fault.skipped')[0]?.reason).toContain('true length');
  });

  it('is skipped while several calls wait, since answers have no name', async () => {
    const fault = await plugin(rewrite);
    await fault.call('processHttpRequest', request('/v1/messages'));
    await fault.call('processHttpRequest', request('/v1/messages'));
    const first = await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    const second = await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    expect(
      [first, second].map(({ modifiedResponse }) => Buffer.from(modifiedResponse!.body).toString()),
    ).toEqual(['{}', '{}!']);
    expect(of(fault, 'fault.skipped').map(({ exchange, reason }) => [exchange, reason])).toEqual([
      [1, expect.stringContaining('does not say whose')],
    ]);
  });

  it('is not given to a call that cannot have got it', async () => {
    const fault = await plugin(rewrite);
    await fault.call('processHttpRequest', request('/v1/messages', {}, { stream: true }));
    await fault.call('processHttpRequest', request('/v1/messages'));
    const reply = await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    expect(Buffer.from(reply.modifiedResponse!.body).toString()).toBe('{}!');
    expect(of(fault, 'exchange.ended').map(({ exchange }) => exchange)).toEqual([2]);
  });

  it('is not taken for another’s when a call to another host waits', async () => {
    const fault = await plugin(rewrite);
    await fault.call('processHttpRequest', request('/', { host: 'example.com' }));
    await fault.call('processHttpRequest', request('/v1/messages'));
    await fault.call('processHttpResponse', response('theirs', JSON_TYPE));
    const ours = await fault.call('processHttpResponse', response('{}', JSON_TYPE));
    expect(Buffer.from(ours.modifiedResponse!.body).toString()).toBe('{}!');
  });
});

describe('an answer that never comes', () => {
  it('of a stream is no failure, as far as can be told; of another call it is, in time', async () => {
    const fault = await plugin(undefined, { clock: fastClock(20_000) });
    await fault.call('processHttpRequest', request('/v1/messages', {}, { stream: true }));
    await fault.call('processHttpRequest', request('/v1/messages'));
    await expect.poll(() => of(fault, 'exchange.ended')).toHaveLength(2);
    expect(of(fault, 'exchange.ended')).toMatchObject([
      { exchange: 1, how: 'complete', cause: null, status: 0 },
      { exchange: 2, how: 'upstream-abort', cause: 'natural', status: 0 },
    ]);
    expect(of(fault, 'exchange.error')).toMatchObject([{ exchange: 2, code: 'upstream-unreachable' }]);
  });

  it('leaves nothing that was planned for it untold', async () => {
    const fault = await plugin({ do: 'head', set: [['x-a', 'b']] }, { clock: fastClock(20_000) });
    await fault.call('processHttpRequest', request('/v1/messages', {}, { stream: true }));
    await fault.call('processHttpRequest', request('/v1/messages'));
    await expect.poll(() => of(fault, 'exchange.ended')).toHaveLength(2);
    expect(of(fault, 'fault.skipped').map(({ exchange, reason }) => [exchange, reason])).toEqual([
      [1, expect.stringContaining('did not come by')],
      [2, 'there was no answer to act on'],
    ]);
  });

  it('is told as stopped when the plugin stops', async () => {
    const fault = await plugin();
    await fault.call('processHttpRequest', request('/v1/messages'));
    await fault.close(0);
    expect(of(fault, 'exchange.ended')).toMatchObject([{ how: 'shutdown' }]);
  });
});

/** A rate limit on real sockets, under a clock that the test moves: each verdict and header as the model has it. */
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { testCertificate } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { call } from '../support/http-call.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { RateLimitModel } from '../support/rate-limit-model.ts';

const LIMITS = { requests: 12, input: 3_000, output: 900 };
const PARAMS = {
  requests_per_minute: LIMITS.requests,
  input_tokens_per_minute: LIMITS.input,
  output_tokens_per_minute: LIMITS.output,
};

interface Wanted {
  readonly stream: boolean;
  /** Status of the upstream. */
  readonly status: number;
  readonly read: number;
  readonly created: number;
  readonly input: number;
  readonly output: number;
}

/** An upstream that uses what it is told to, and codes its answer as it is asked. */
async function upstreamAsTold(): Promise<{ url: URL; ca: string }> {
  const certificate = testCertificate('localhost', '127.0.0.1', 'api.anthropic.com');
  const server = https.createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const told = JSON.parse(Buffer.concat(parts).toString()).metadata as Wanted;
      const gzip = request.headers['accept-encoding'] === 'gzip';
      const text = told.status >= 400 ? '{"type":"error"}' : told.stream ? streamOf(told) : messageOf(told);
      response.writeHead(told.status, {
        'content-type': told.stream && told.status < 400 ? 'text/event-stream' : 'application/json',
        'anthropic-ratelimit-requests-limit': '999999',
        ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      });
      response.end(gzip ? zlib.gzipSync(text) : text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`), ca: certificate.ca };
}

const inputOf = ({ input, read, created }: Wanted): object => ({
  input_tokens: input,
  cache_read_input_tokens: read,
  cache_creation_input_tokens: created,
});

function messageOf(told: Wanted): string {
  return JSON.stringify({ content: [], usage: { ...inputOf(told), output_tokens: told.output } });
}

function streamOf(told: Wanted): string {
  const start = { message: { usage: { ...inputOf(told), output_tokens: 1 } } };
  const delta = { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: told.output } };
  return [
    `event: message_start\ndata: ${JSON.stringify(start)}\n\n`,
    `event: message_delta\ndata: ${JSON.stringify(delta)}\n\n`,
    'event: message_stop\ndata: {}\n\n',
  ].join('');
}

const step = fc.record({
  after: fc.integer({ min: 0, max: 4_000 }),
  key: fc.constantFrom('key-a', 'key-b'),
  model: fc.constantFrom('m', 'n'),
  tokens: fc.integer({ min: 1, max: 900 }),
  gzip: fc.boolean(),
  wanted: fc.record({
    stream: fc.boolean(),
    status: fc.constantFrom(200, 200, 200, 529),
    input: fc.integer({ min: 0, max: 1_500 }),
    output: fc.integer({ min: 0, max: 400 }),
    read: fc.integer({ min: 0, max: 50_000 }),
    created: fc.integer({ min: 0, max: 300 }),
  }),
});

async function limited(params: object = PARAMS, more: readonly object[] = []) {
  const clock = new FakeClock();
  const upstream = await upstreamAsTold();
  const rules = [...more, { name: 'limits', fault: { kind: 'rate-limit', ...params } }];
  const proxy = await testProxy({
    clock,
    upstream: { kind: 'url', url: upstream.url },
    upstreamCa: upstream.ca,
    rules: compileRules(rules, { seed: '1', messages: 'real', armedAt: 0 }),
  });
  return { clock, proxy };
}

function body(model: string, tokens: number, wanted: Partial<Wanted>): string {
  const metadata: Wanted = {
    stream: false,
    status: 200,
    input: 1,
    output: 1,
    read: 0,
    created: 0,
    ...wanted,
  };
  return JSON.stringify({ model, metadata, messages: [{ role: 'user', content: 'word'.repeat(tokens) }] });
}

describe.each(MODES)('a rate limit, %s', (mode) => {
  it('lets in, refuses and tells what the model does, call by call', async () => {
    const { clock, proxy } = await limited();
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const model = new RateLimitModel(LIMITS);
    const statuses = new Set<string>();
    let calls = 0;
    for (const { after, key, model: name, tokens, gzip, wanted } of fc.sample(step, {
      numRuns: 150,
      seed: 7,
    })) {
      clock.advance(after);
      const at = clock.now();
      const expected = model.call({ key, model: name, at, input: tokens });
      const { head, complete } = await call(
        client,
        '/v1/messages',
        body(name, tokens, wanted),
        `x-api-key: ${key}\r\nAccept-Encoding: ${gzip ? 'gzip' : 'identity'}\r\n`,
      );
      expect(complete).toBe(true);
      // What a coding gave late is settled now: only then may the clock move.
      calls++;
      await proxy.event('exchange.ended', ({ exchange }) => exchange === calls);
      expect(head?.status).toBe(expected.passes ? wanted.status : 429);
      const get = (header: string): string | undefined => head?.headers.get(header);
      if (expected.passes) expect(get('retry-after')).toBeUndefined();
      else expect(get('retry-after')).toBe(String(expected.retryAfter));
      expect(get('anthropic-ratelimit-requests-limit')).toBe(String(LIMITS.requests));
      expect(get('anthropic-ratelimit-requests-remaining')).toBe(
        String(model.left(key, name, 'requests', at)),
      );
      for (const [unit, which] of [
        ['input', 'input'],
        ['output', 'output'],
      ] as const) {
        const left = Math.round(model.left(key, name, which, at) / 1000) * 1000;
        expect(get(`anthropic-ratelimit-${unit}-tokens-limit`)).toBe(String(LIMITS[which]));
        expect(get(`anthropic-ratelimit-${unit}-tokens-remaining`)).toBe(
          String(Math.min(left, LIMITS[which])),
        );
      }
      expect(get('x-injected-fault')).toBe(expected.passes ? undefined : 'limits/rate-limit');
      statuses.add(`${head?.status}${wanted.stream ? ' stream' : ''}${gzip ? ' gzip' : ''}`);
      if (!expected.passes) continue;
      const { input, created, output } = wanted;
      expected.settle(
        wanted.status === 200 ? { input: input + created, output } : { input: 0, output: 0 },
        at,
      );
    }
    // Each kind of answer was among them, so none of the above was for nothing.
    for (const status of [200, 429, 529]) {
      for (const how of ['', ' gzip', ' stream', ' stream gzip'])
        expect(statuses).toContain(`${status}${how}`);
    }
    const ended = proxy.events.flatMap((event) => (event.type === 'exchange.ended' ? [event] : []));
    for (const { status, cause } of ended)
      expect(cause).toBe(status === 429 ? 'injected' : status === 529 ? 'natural' : null);
    expect(proxy.events.filter(({ type }) => type === 'fault.applied')).toHaveLength(
      ended.filter(({ status }) => status === 429).length,
    );
    expect(proxy.events.filter(({ type }) => type === 'fault.skipped')).toEqual([]);
  });
});

it('two keys and two models share no bucket, though they call at once', async () => {
  const { proxy } = await limited({ requests_per_minute: 3 });
  const all = await Promise.all(
    ['a', 'b'].flatMap((key) =>
      ['m', 'n'].map(async (model) => {
        const client = await openClient('origin-form', proxy);
        atEnd(() => client.raw.destroy());
        const statuses: (number | undefined)[] = [];
        for (let i = 0; i < 5; i++) {
          const { head } = await call(client, '/v1/messages', body(model, 1, {}), `x-api-key: ${key}\r\n`);
          statuses.push(head?.status);
        }
        return statuses;
      }),
    ),
  );
  expect(all).toEqual(Array.from({ length: 4 }, () => [200, 200, 200, 429, 429]));
});

it('tells in the log what a refused call lacked, and never the key', async () => {
  const { proxy } = await limited({ input_tokens_per_minute: 100 });
  const client = await openClient('origin-form', proxy);
  atEnd(() => client.raw.destroy());
  for (let i = 0; i < 2; i++)
    await call(client, '/v1/messages', body('m', 60, { input: 60 }), 'x-api-key: sk-ant-secret\r\n');
  const decided = proxy.events.flatMap((event) => (event.type === 'exchange.decided' ? [event] : []));
  expect(decided.map(({ faults }) => faults)).toEqual([[], ['rate-limit']]);
  expect(decided[0]?.why).toContain('lets the call pass on its match 1: it leaves 40 of 100 input tokens');
  expect(decided[1]?.why).toContain(
    'it needs 60 input tokens, and the bucket of 100 holds 40 (20 too few, retry-after 12)',
  );
  expect(JSON.stringify(proxy.events)).not.toContain('secret');
});

it('a call that a rule above answers is not charged', async () => {
  const { proxy } = await limited({ requests_per_minute: 1 }, [
    { name: 'above', trigger: { first: 3 }, fault: 'overloaded' },
  ]);
  const client = await openClient('origin-form', proxy);
  atEnd(() => client.raw.destroy());
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 5; i++)
    statuses.push((await call(client, '/v1/messages', body('m', 1, {}))).head?.status);
  expect(statuses).toEqual([529, 529, 529, 200, 429]);
});

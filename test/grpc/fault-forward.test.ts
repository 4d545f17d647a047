/** Plain HTTP from a client's and an upstream's point of view, through fault as it is. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { atEnd } from '../support/proxy.ts';
import { overloaded, testRules } from '../support/rules.ts';
import { throughFault } from './fault-forward.ts';
import { type TestPlugin, testPlugin } from './support.ts';

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly sha: string;
}

const sha = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** An upstream that says what it got, and answers as it is told. */
async function upstream(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('end', () => {
      seen.push({ url: request.url!, headers: request.headers, sha: hash.digest('hex') });
      answer(response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), seen };
}

const plugin = (effects?: Effect | readonly Effect[]): Promise<TestPlugin> =>
  testPlugin({ targets: ['127.0.0.1'], rules: testRules(() => effects, { body: true }) });

const POST = {
  method: 'POST',
  path: '/v1/messages?beta=true&a=%3F',
  headers: { 'x-api-key': 'k' },
  body: '{}',
};
/** Without a length. */
function inChunks(response: ServerResponse): void {
  response.write('a');
  response.end('bc');
}

const WAYS = ['forward', 'service'] as const;

describe.each(WAYS)('through fault’s %s way', (way) => {
  it('a request comes to its upstream as it was sent, query and all', async () => {
    const fault = await plugin();
    const api = await upstream((response) => response.end('{"ok":true}'));
    for (const size of [0, 1, 8_191, 300_000, 3_000_000]) {
      const body = Buffer.alloc(size, 'b');
      const answer = await throughFault(fault, api.url, { ...POST, body }, way);
      expect(answer).toMatchObject({ status: 200, body: Buffer.from('{"ok":true}') });
      expect(api.seen.at(-1)).toMatchObject({
        url: POST.path,
        sha: sha(body),
        headers: { 'x-api-key': 'k' },
      });
    }
  });

  it('an injected error never reaches the upstream', async () => {
    const fault = await plugin(overloaded());
    const api = await upstream((response) => response.end());
    const answer = await throughFault(fault, api.url, POST, way);
    expect(answer.status).toBe(529);
    expect(answer.headers).toMatchObject({ 'x-injected-fault': 'test/test-fault' });
    expect(JSON.parse(String(answer.body))).toMatchObject({ error: { type: 'overloaded_error' } });
    expect(api.seen).toEqual([]);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['chunked', inChunks, 'abc'],
    [
      'until the end of the connection',
      (response) => response.writeHead(200, { connection: 'close' }).end('abc'),
      'abc',
    ],
    ['empty', (response) => response.writeHead(204).end(), ''],
    ['with a header beyond ASCII', (response) => response.setHeader('x-city', 'Zürich').end('abc'), 'abc'],
  ])('an answer that comes %s does not end fault', async (_name, write, body) => {
    const fault = await plugin();
    const api = await upstream(write);
    const answer = await throughFault(fault, api.url, POST, way);
    expect(String(answer.body)).toBe(body);
  });

  it('a gzip answer keeps its bytes, and is rewritten within its coding', async () => {
    const gzip = gzipSync('{"a":1}');
    const write = (response: ServerResponse): unknown =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzip);
    const passing = await throughFault(await plugin(), (await upstream(write)).url, POST, way);
    expect(passing.body).toEqual(gzip);
    const rewriting = await plugin({ do: 'rewrite', rewrite: () => ({ body: Buffer.from('[]') }) });
    const changed = await throughFault(rewriting, (await upstream(write)).url, POST, way);
    expect(gunzipSync(changed.body).toString()).toBe('[]');
  });

  it('fifty calls at once get their own answers', async () => {
    const fault = await plugin();
    const api = await upstream((response, request) => response.end(request.url));
    const paths = Array.from({ length: 50 }, (_, i) => `/v1/models/${i}?n=${i}`);
    const answers = await Promise.all(
      paths.map((path) => throughFault(fault, api.url, { method: 'GET', path }, way)),
    );
    expect(answers.map(({ body }) => String(body))).toEqual(paths);
    expect(fault.events.filter(({ type }) => type === 'exchange.ended')).toHaveLength(50);
  });

  it('the stand-in’s messages and streams come whole', async () => {
    const mock = await serveMock({ host: '127.0.0.1', port: 0 });
    atEnd(() => mock.close());
    const fault = await plugin();
    const url = new URL(`http://127.0.0.1:${mock.port}`);
    const body = {
      model: 'claude-haiku-4-5',
      max_tokens: 32,
      messages: [{ role: 'user', content: 'Hello' }],
    };
    const headers = {
      'x-api-key': 'k',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    };
    const send = (more: object) =>
      throughFault(fault, url, { ...POST, headers, body: JSON.stringify({ ...body, ...more }) }, way);
    expect(JSON.parse(String((await send({})).body))).toMatchObject({ type: 'message' });
    const stream = await send({ stream: true });
    expect(String(stream.body)).toMatch(/^event: message_start\n[\s\S]*event: message_stop\n/);
  });
});

describe('the model of fault', () => {
  it('mangles the query and ends itself where a plugin lets it', async () => {
    const api = await upstream(inChunks);
    const naive = { ...(await plugin()), call: async () => ({ action: 0 }) } as unknown as TestPlugin;
    await expect(throughFault(naive, api.url, POST)).rejects.toThrow('panic: no content-length to remove');
    expect(api.seen[0]?.url).toBe('/v1/messages%3Fbeta=true&a=%3F?beta=true&a=%3F');
  });
});

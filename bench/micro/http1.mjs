/**
 * Nanoseconds per call of the HTTP/1.1 codec, on heads as an SDK and the API send them. Not a test: for finding out
 * what a change costs, in paired runs on a quiet machine.
 *
 *   npm run build && node bench/micro/http1.mjs [pattern]
 */
import { renderAnswer } from '../../dist/core/http1/answer.js';
import { BodyScanner, forwardEdit, HeadReader, hopByHop, rewriteHead } from '../../dist/core/http1/head.js';

const REQUEST = Buffer.from(
  [
    'POST /v1/messages HTTP/1.1',
    'Host: api.anthropic.com',
    'Accept: application/json',
    'Content-Type: application/json',
    'User-Agent: Anthropic/JS 0.71.0',
    'X-Stainless-Retry-Count: 0',
    'X-Stainless-Timeout: 600',
    'X-Stainless-Lang: js',
    'X-Stainless-Package-Version: 0.71.0',
    'X-Stainless-OS: Linux',
    'X-Stainless-Arch: x64',
    'X-Stainless-Runtime: node',
    'X-Stainless-Runtime-Version: v20.20.2',
    'anthropic-version: 2023-06-01',
    `x-api-key: sk-ant-api03-${'x'.repeat(95)}`,
    'Connection: keep-alive',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'accept-encoding: gzip, deflate',
    'content-length: 120',
    '',
    'b'.repeat(120),
  ].join('\r\n'),
);
const RESPONSE = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'Date: Thu, 01 Jan 2026 00:00:00 GMT',
    'Content-Type: text/event-stream; charset=utf-8',
    'Transfer-Encoding: chunked',
    'Connection: keep-alive',
    'Cache-Control: no-cache',
    'anthropic-ratelimit-requests-limit: 4000',
    'anthropic-ratelimit-requests-remaining: 3999',
    'anthropic-ratelimit-requests-reset: 2026-01-01T00:00:00Z',
    'anthropic-ratelimit-tokens-limit: 480000',
    'anthropic-ratelimit-tokens-remaining: 480000',
    'anthropic-ratelimit-tokens-reset: 2026-01-01T00:00:00Z',
    'request-id: req_011CZAYvng3KgbWKsC9jPrSf',
    'strict-transport-security: max-age=31536000; includeSubDomains; preload',
    'anthropic-organization-id: 00000000-0000-0000-0000-000000000000',
    'x-envoy-upstream-service-time: 700',
    'cf-cache-status: DYNAMIC',
    'X-Robots-Tag: none',
    'Server: cloudflare',
    'CF-RAY: 9b00000000000000-FRA',
    '',
    '',
  ].join('\r\n'),
);
const TEXT = 'event: ping\ndata: {"type":"ping"}\n\n'.repeat(3);
const CHUNKED = Buffer.from(`${`${TEXT.length.toString(16)}\r\n${TEXT}\r\n`.repeat(10)}0\r\n\r\n`);
const BODY = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'Simulated' } });

const requests = new HeadReader('request');
const repeats = new HeadReader('request');
const responses = new HeadReader('response');
function read(reader, bytes) {
  reader.push(bytes, 0);
  return reader.take();
}
const request = read(requests, REQUEST);
const response = read(responses, RESPONSE);
let sink = 0;

const KEY = REQUEST.indexOf('x'.repeat(95));
const RAY = RESPONSE.indexOf('9b0000') + 6;
let turn = 0;
/** Changes one byte, so that a head is no repetition of the last one. */
function vary(bytes, at) {
  bytes[at] = 0x61 + (++turn % 26);
  return bytes;
}

const cases = {
  [`request head, ${request.raw.length} bytes`]: () => {
    const head = read(requests, vary(REQUEST, KEY));
    sink += head.framing.length + (hopByHop(head.headers, 'request') === null ? 1 : 0);
  },
  'request head, repeated': () => {
    const head = read(repeats, REQUEST);
    sink += head.framing.length + (hopByHop(head.headers, 'request') === null ? 1 : 0);
  },
  'request head in two chunks': () => {
    requests.push(REQUEST.subarray(0, 300), 0);
    requests.push(REQUEST.subarray(300), 0);
    sink += requests.take().framing.length;
  },
  'request head, method, target and three headers': () => {
    const head = read(requests, vary(REQUEST, KEY));
    const { headers } = head;
    sink += head.method.length + head.target.length + headers.get('host').length;
    sink += headers.get('x-stainless-retry-count').length + headers.get('x-api-key').length;
  },
  'request head, list of headers': () => {
    sink += read(requests, vary(REQUEST, KEY)).headers.list().length;
  },
  [`response head, ${response.raw.length} bytes`]: () => {
    const head = read(responses, vary(RESPONSE, RAY));
    sink += head.status + (hopByHop(head.headers, 'response') === null ? 1 : 0);
  },
  'chunked body, 10 chunks': () => {
    const scanner = new BodyScanner({ kind: 'chunked' });
    sink += scanner.push(CHUNKED, 0);
  },
  'counted body': () => {
    const scanner = new BodyScanner({ kind: 'length', length: 120 });
    sink += scanner.push(REQUEST, REQUEST.length - 120);
  },
  'rewrite Host': () => {
    sink += rewriteHead(request, { set: [['Host', '127.0.0.1:8081']] }).length;
  },
  'forwardEdit and rewrite': () => {
    const edit = forwardEdit(request.headers, 'request');
    sink += rewriteHead(request, { ...edit, startLine: 'POST / HTTP/1.1' }).length;
  },
  'render an answer': () => {
    sink += renderAnswer({ status: 429, headers: [['content-type', 'application/json']], body: BODY }).length;
  },
};

const pattern = process.argv[2] ?? '';
for (const [name, run] of Object.entries(cases)) {
  if (!name.includes(pattern)) continue;
  for (let i = 0; i < 50_000; i++) run();
  const rounds = [];
  for (let round = 0; round < 15; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 20_000; i++) run();
    rounds.push(Number(process.hrtime.bigint() - start) / 20_000);
  }
  rounds.sort((a, b) => a - b);
  console.log(`${name.padEnd(50)} ${rounds[7].toFixed(0).padStart(6)} ns  (min ${rounds[0].toFixed(0)})`);
}
if (sink === 0) throw new Error('nothing was measured');

/** No credential in any output: a canary in every place where HTTP can carry one, over every way in, in no log and no answer of ours. */
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { ConsoleLog } from '../../src/observe/console-log.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { ExchangeFold } from '../../src/observe/finished-exchange.ts';
import { SummaryFold } from '../../src/observe/summary.ts';
import { summaryText } from '../../src/observe/summary-text.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { answering, watch } from '../support/raw-upstream.ts';

const CANARY = 'c4n4ry';
const RULES = [
  { when: { path: '/asked', header: { 'x-api-key': CANARY } }, fault: 'overloaded' },
  { when: { path: '/asked', header: { cookie: { glob: `*${CANARY}*` } } }, fault: 'overloaded' },
  { when: { path: '/body', body: `body.metadata.user_id == "${CANARY}"` }, fault: 'overloaded' },
  { when: { path: '/stream' }, fault: { kind: 'usage', how: 'absurd' } },
];

/** All that a run would write of these events. */
function outputs(events: readonly ProxyEvent[]): string {
  let text = events.map(encodeEvent).join('');
  const write = (more: string): unknown => (text += more);
  const exchanges = new ExchangeFold();
  const summary = new SummaryFold();
  const logs = (['pretty', 'json'] as const).map((format) => {
    const colors = pc.createColors(false);
    return new ConsoleLog({
      format,
      quiet: false,
      verbose: true,
      colors,
      out: { write },
      warnings: { write },
    });
  });
  for (const event of events) {
    const finished = exchanges.observe(event);
    summary.observe(event, finished);
    for (const log of logs) log.observe(event, finished);
  }
  for (const log of logs) log.flush();
  return text + summaryText(summary.current(), 1000, pc.createColors(false));
}

const CREDENTIALS = [
  `Authorization: Bearer ${CANARY}`,
  `x-api-key: ${CANARY}`,
  `Cookie: session=${CANARY}`,
  `Proxy-Authorization: Basic ${CANARY}`,
  `anthropic-beta: ${CANARY}`,
  `x-claude-code-session-id: ${CANARY}`,
  `Referer: http://me:${CANARY}@localhost/?key=${CANARY}`,
].join('\r\n');
const BODY = JSON.stringify({ metadata: { user_id: CANARY }, messages: [{ role: 'user', content: CANARY }] });

/** Requests, with what stands in front of a path in place of `@`. */
const REQUESTS: readonly (readonly [what: string, request: string])[] = [
  ['a query, and fields', `GET @/v1/models?key=${CANARY} HTTP/1.1\r\nHost: $\r\n${CREDENTIALS}\r\n\r\n`],
  ['fields that a rule asks for', `GET @/asked?key=${CANARY} HTTP/1.1\r\nHost: $\r\n${CREDENTIALS}\r\n\r\n`],
  [
    'a body that a rule reads',
    `POST @/body HTTP/1.1\r\nHost: $\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  ],
  [
    'a body that is no JSON',
    `POST @/body HTTP/1.1\r\nHost: $\r\nContent-Length: ${CANARY.length}\r\n\r\n${CANARY}`,
  ],
  [
    'trailers',
    `POST @/body HTTP/1.1\r\nHost: $\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: ${CANARY}\r\n\r\n`,
  ],
  ['a chunk that is none', `POST @/x HTTP/1.1\r\nHost: $\r\nTransfer-Encoding: chunked\r\n\r\n${CANARY}\r\n`],
  ['a chunk extension', `POST @/x HTTP/1.1\r\nHost: $\r\nTransfer-Encoding: chunked\r\n\r\n1;${CANARY}\x01`],
  ['a field in two lines', `GET @/x HTTP/1.1\r\nHost: $\r\nAuthorization: Bearer\r\n ${CANARY}\r\n\r\n`],
  ['a field with a control byte', `GET @/x HTTP/1.1\r\nHost: $\r\nx-api-key: ${CANARY}\x01\r\n\r\n`],
  ['a field without a colon', `GET @/x HTTP/1.1\r\nHost: $\r\nBearer ${CANARY}\r\n\r\n`],
  ['a Content-Length', `GET @/x HTTP/1.1\r\nHost: $\r\nContent-Length: ${CANARY}\r\n\r\n`],
  ['a Transfer-Encoding', `GET @/x HTTP/1.1\r\nHost: $\r\nTransfer-Encoding: ${CANARY}\r\n\r\n`],
  ['a user in Host', `GET @/x HTTP/1.1\r\nHost: me:${CANARY}@localhost\r\n\r\n`],
  ['a Host that is none', `GET @/x HTTP/1.1\r\nHost: me:${CANARY}\r\n\r\n`],
  ['a user in Origin', `GET @/x HTTP/1.1\r\nHost: $\r\nOrigin: http://me:${CANARY}@evil.example\r\n\r\n`],
  ['a target that is none', `GET me:${CANARY} HTTP/1.1\r\nHost: $\r\n\r\n`],
  ['a URL with a user', `GET http://me:${CANARY}@api.anthropic.com/x HTTP/1.1\r\nHost: $\r\n\r\n`],
  [
    'a URL with a user, and no port',
    `GET http://me:${CANARY}@api.anthropic.com:x/ HTTP/1.1\r\nHost: $\r\n\r\n`,
  ],
  ['a URL with half a user', `GET http://me:${CANARY} HTTP/1.1\r\nHost: $\r\n\r\n`],
  ['a URL of another scheme', `GET ftp://me:${CANARY}@h/ HTTP/1.1\r\nHost: $\r\n\r\n`],
  ['a CONNECT with a user', `CONNECT me:${CANARY}@api.anthropic.com:443 HTTP/1.1\r\nHost: $\r\n\r\n`],
  ['a CONNECT with half a user', `CONNECT me:${CANARY} HTTP/1.1\r\nHost: $\r\n\r\n`],
  ['a CONNECT with a key', `CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: $\r\n${CREDENTIALS}\r\n\r\n`],
  ['another protocol', `${CANARY} ${CANARY}\r\n\r\n`],
];

/** Answers of an upstream that go wrong. */
const ANSWERS: readonly (readonly [what: string, answer: string])[] = [
  ['a cookie', `HTTP/1.1 500 ${CANARY}\r\nSet-Cookie: a=${CANARY}\r\nContent-Length: 6\r\n\r\n${CANARY}`],
  ['no HTTP', `${CANARY}\r\n\r\n`],
  ['a length that is none', `HTTP/1.1 200 OK\r\nContent-Length: ${CANARY}\r\n\r\n`],
  ['a coding that is none', `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${CANARY}\r\n\r\n`],
  [
    'an error in its stream',
    `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: error\ndata: {"error":{"type":"api_error","message":"${CANARY}"}}\n\n`,
  ],
  [
    'a stream whose coding is broken',
    `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n${CANARY}`,
  ],
];

describe.each(MODES)('no credential in any output, %s', (mode) => {
  it('of requests', async () => {
    const { proxy, upstream } = await setUp(
      mode,
      ({ socket }) => {
        socket.on('data', () =>
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
        );
      },
      { rules: compileRules(RULES, { seed: '1', messages: 'real' }) },
    );
    for (const [what, request] of REQUESTS) {
      const client = await openClient(mode, proxy);
      atEnd(() => client.raw.destroy());
      const peer = watch(client.socket);
      client.socket.end(request.replace('@/', `${client.targetPrefix}/`).replaceAll('$', client.host));
      await peer.ended;
      // What the upstream is sent is its own business; what we say is not.
      expect({ what, said: peer.received().toString('latin1') }).toEqual({
        what,
        said: expect.not.stringContaining(CANARY),
      });
    }
    expect(upstream.connections.length).toBeGreaterThan(0);
    expect(proxy.events.length).toBeGreaterThan(REQUESTS.length);
    const said = outputs(proxy.events);
    expect(said.split('\n').filter((line) => line.includes(CANARY))).toEqual([]);
    expect(said).toContain('http-error-1');
  });

  it('of answers', async () => {
    for (const [, answer] of ANSWERS) {
      const proxy = await testProxyOf(answer);
      const client = await openClient(mode, proxy);
      atEnd(() => client.raw.destroy());
      const peer = watch(client.socket);
      client.socket.end(`GET ${client.targetPrefix}/stream HTTP/1.1\r\nHost: ${client.host}\r\n\r\n`);
      await peer.ended;
      await proxy.event('exchange.ended');
      const said = outputs(proxy.events);
      expect(said.split('\n').filter((line) => line.includes(CANARY))).toEqual([]);
    }
  });

  async function testProxyOf(answer: string) {
    const { proxy } = await setUp(mode, ({ socket }) => socket.once('data', () => socket.end(answer)), {
      rules: compileRules(RULES, { seed: '1', messages: 'real' }),
    });
    return proxy;
  }
});

it('no password of an upstream proxy in what is said when it refuses', async () => {
  const proxy = await testProxy({
    upstream: { kind: 'target' },
    upstreamProxy: new URL(`http://me:${CANARY}@127.0.0.1:1`),
  });
  const client = await openClient('origin-form', proxy);
  atEnd(() => client.raw.destroy());
  const peer = watch(client.socket);
  client.socket.write('GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await peer.until('}}');
  expect(peer.received().toString()).not.toContain(CANARY);
  expect(outputs(proxy.events)).not.toContain(CANARY);
});

it.each([
  [`//me:${CANARY}@localhost/v1/x`, '//…@localhost/v1/x'],
  [`/to/https://${CANARY}@localhost/x`, '/to/https://…@localhost/x'],
  [`/v1/x#${CANARY}`, '/v1/x'],
  ['/v1/models/claude-opus-4-5@20251101:rawPredict', '/v1/models/claude-opus-4-5@20251101:rawPredict'],
] as const)('is told of the path %s, which goes up as it came', async (path, told) => {
  const { peer, send, proxy, upstream } = await setUp(
    'origin-form',
    answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  );
  send(`GET ${path}`);
  await peer.until('ok');
  expect(await proxy.event('exchange.decided')).toMatchObject({ path: told });
  await proxy.event('exchange.ended');
  expect(outputs(proxy.events)).not.toContain(CANARY);
  expect(upstream.connections[0]?.received().toString()).toContain(`GET ${path} HTTP/1.1`);
});

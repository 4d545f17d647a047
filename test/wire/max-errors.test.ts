/** What `max_errors` and `limit.times` count: errors that took hold, never more than that, and none that could not. */
import { describe, expect, it } from 'vitest';
import { boundRules } from '../../src/config/bounded-rules.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import type { RuleSet } from '../../src/core/rules/decision.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES, openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { answering, rawUpstream, watch } from '../support/raw-upstream.ts';

const JSON_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
const STREAM = 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n'.repeat(3);
const STREAM_ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: ${STREAM.length}\r\n\r\n${STREAM}`;

const CUT = { name: 'cut', fault: { kind: 'stream-cut', after: { events: 1 }, how: 'clean' } };

function bounded(rule: object, maxErrors?: number): RuleSet {
  const rules = compileRules([rule], { seed: '1', messages: 'real' });
  return boundRules(rules, { maxErrors, onlyPath: undefined });
}

describe.each([
  ['max_errors', () => bounded(CUT, 1)],
  ['limit.times', () => bounded({ ...CUT, limit: { times: 1 } })],
  ['once_per', () => bounded({ ...CUT, trigger: { once_per: 'conversation' } })],
])('%s', (_name, rules) => {
  it.each(MODES)('counts a stream that was cut, and no answer that could not be, %s', async (mode) => {
    const { send, peer, proxy } = await setUp(
      mode,
      answering((nth) => (nth < 3 ? JSON_ANSWER : STREAM_ANSWER)),
      { rules: rules() },
    );
    const headers = 'X-Claude-Code-Session-Id: s\r\n\r\n';
    for (const nth of [1, 2]) {
      send('GET /', headers);
      await peer.until('{}', nth);
    }
    send('GET /', headers);
    await proxy.event('fault.applied');
    await proxy.event('exchange.ended', ({ cause }) => cause === 'injected');
    expect(proxy.events.filter(({ type }) => type === 'fault.skipped')).toHaveLength(2);
    // It is spent now, also for a client that comes anew.
    const next = await openClient(mode, proxy);
    atEnd(() => next.raw.destroy());
    const nextPeer = watch(next.socket);
    next.socket.write(`GET ${next.targetPrefix}/ HTTP/1.1\r\nHost: ${next.host}\r\n${headers}`);
    await nextPeer.until('message_start', 6);
    expect(proxy.events.filter(({ type }) => type === 'fault.applied')).toHaveLength(1);
  });
});

it.each([
  ['max_errors', () => bounded(CUT, 2), /max_errors: 2 errors are injected or under way/],
  ['limit.times', () => bounded({ ...CUT, limit: { times: 2 } }), /its limit of 2 times is used up/],
] as const)('calls at the same time never get more errors than %s allows', async (_name, rules, why) => {
  const answers: (() => void)[] = [];
  const upstream = await rawUpstream((peer) =>
    peer.socket.once('data', () => answers.push(() => peer.socket.write(STREAM_ANSWER))),
  );
  atEnd(() => upstream.close());
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    upstreamCa: upstream.ca,
    rules: rules(),
  });
  for (let i = 0; i < 5; i++) {
    const { socket, raw } = await openClient('origin-form', proxy);
    atEnd(() => raw.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  }
  await expect.poll(() => answers.length).toBe(5);
  for (const answer of answers) answer();
  await expect.poll(() => proxy.events.filter(({ type }) => type === 'exchange.ended').length).toBe(5);
  expect(proxy.events.filter(({ type }) => type === 'fault.applied')).toHaveLength(2);
  const passed = proxy.events.filter((event) => event.type === 'exchange.decided' && event.rule === null);
  expect(passed).toHaveLength(3);
  for (const event of passed) expect(event).toMatchObject({ why: expect.stringMatching(why) });
});

it('what is planned on a connection counts once it takes hold', async () => {
  const rule = { name: 'tls', limit: { times: 1 }, fault: { kind: 'tls', flaw: 'alert' } };
  const rules = bounded(rule);
  const proxy = await testProxy({ rules });
  const connect = 'CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n';
  const open = async () => {
    const { socket, raw } = await openClient('origin-form', proxy);
    atEnd(() => raw.destroy());
    const peer = watch(socket);
    socket.write(connect);
    await peer.until('200');
    return { socket, peer };
  };
  // It leaves before it says hello.
  const { socket } = await open();
  socket.destroy();
  expect(await proxy.event('fault.skipped')).toMatchObject({
    fault: 'tls',
    reason: 'the connection ended before it could act',
  });
  await open();
  expect(proxy.events.filter(({ type }) => type === 'connection.decided')).toHaveLength(2);
  // While that one may still be hit, no other is.
  await open();
  expect(proxy.events.filter(({ type }) => type === 'connection.decided')).toHaveLength(2);
});

it('an end of an idle connection counts when it comes, or not at all when it does not', async () => {
  const rule = {
    name: 'idle',
    limit: { times: 1 },
    fault: { kind: 'disconnect', how: 'close', at: { idle: '1ms' } },
  };
  const { send, peer, proxy } = await setUp(
    'origin-form',
    answering(() => JSON_ANSWER),
    { rules: bounded(rule) },
  );
  // This one closes its connection itself, so that there is none to wait on.
  const first = await openClient('origin-form', proxy);
  atEnd(() => first.raw.destroy());
  first.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await proxy.event('fault.skipped');
  send('GET /');
  await peer.ended;
  expect(await proxy.event('fault.applied')).toMatchObject({ rule: 'idle' });
  const third = await openClient('origin-form', proxy);
  atEnd(() => third.raw.destroy());
  third.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await proxy.event('exchange.decided', ({ rule }) => rule === null)).toMatchObject({
    why: expect.stringContaining('used up'),
  });
});

it('a fault that the request named is within max_errors too', async () => {
  const { send, peer, proxy } = await setUp(
    'origin-form',
    answering(() => JSON_ANSWER),
    {
      rules: bounded({ name: 'never', trigger: { nth: 99 }, fault: 'overloaded' }, 1),
      allowRequestFaults: true,
    },
  );
  send('GET /', 'X-AEP-Fault: overloaded\r\n\r\n');
  await peer.until('overloaded_error');
  send('GET /', 'X-AEP-Fault: overloaded\r\n\r\n');
  await peer.until('{}');
  expect(await proxy.event('exchange.decided', ({ rule }) => rule === null)).toMatchObject({
    why: 'max_errors: 1 errors were injected, so all calls pass now',
  });
});

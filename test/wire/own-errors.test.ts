/**
 * An error of our own ends the connection that it befell, and nothing else. What runs for a connection runs from reads,
 * timers, promises, callbacks of coders and sweeps; all of it asks the clock or tells events. So each of these in turn
 * throws once, in calls that come by all of those ways.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { systemClock } from '../../src/engine/transport/system-clock.ts';
import { EventBus } from '../../src/observe/bus.ts';
import { type Face, HOST, observe } from '../support/endings/observed-client.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const MESSAGE = 'a bug that a test has planted';

/** Throws once, at the call of the given number; 0: never. */
class Trap {
  readonly #at: number;
  #calls = 0;
  sprung = false;
  armed = false;

  constructor(at: number) {
    this.#at = at;
  }

  step(): void {
    if (!this.armed) return;
    this.#calls += 1;
    if (this.#calls !== this.#at) return;
    this.sprung = true;
    throw new TypeError(MESSAGE);
  }
}

function trappedClock(trap: Trap): Clock {
  const trapped = <T>(read: () => T): (() => T) => {
    return () => {
      trap.step();
      return read();
    };
  };
  return {
    now: trapped(systemClock.now),
    wall: trapped(systemClock.wall),
    instant: trapped(systemClock.instant),
    after: systemClock.after,
  };
}

class TrappedBus extends EventBus {
  readonly #trap: Trap;

  constructor(trap: Trap) {
    super();
    this.#trap = trap;
  }

  override emit(event: ProxyEvent): void {
    this.#trap.step();
    super.emit(event);
  }
}

const DELTA =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n';
const EVENTS = zlib.gzipSync(`${DELTA.repeat(5)}event: message_stop\ndata: {"type":"message_stop"}\n\n`);
const STREAM = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nContent-Length: ${EVENTS.length}\r\n\r\n`,
  ),
  EVENTS,
]);
const JSON_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';

const GET = `GET /v1/x HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const CHUNKED = `POST /v1/messages HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`;

interface Scenario {
  readonly faults?: readonly unknown[];
  readonly face?: Face;
  readonly answer?: string | Buffer;
  readonly request?: string;
  /** What the client does behind it. */
  readonly leave?: 'half-close' | 'reset';
  /** What the upstream does in place of an answer. */
  readonly upstream?: 'ends' | 'resets';
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a call that passes': {},
  'a call that passes in TLS': { face: 'TLSv1.3' },
  'a tunnel with plain HTTP': { face: 'CONNECT' },
  'a coded stream that passes': { answer: STREAM },
  'a client that has half-closed': { leave: 'half-close' },
  'a client that resets': { leave: 'reset', faults: [{ kind: 'latency', delay: '20ms' }] },
  'an upstream that ends': { upstream: 'ends' },
  'an upstream that resets': { upstream: 'resets' },
  'requests in a pipeline': { request: GET.repeat(3), leave: 'half-close' },
  'a body that is malformed': { request: `${CHUNKED}ZZ\r\n` },
  'a connection accepted slowly': { faults: [{ kind: 'slow-accept', delay: '5ms' }] },
  'a connection accepted slowly in TLS': { face: 'TLSv1.2', faults: [{ kind: 'slow-accept', delay: '5ms' }] },
  'a connection accepted slowly, and a malformed body': {
    faults: [{ kind: 'slow-accept', delay: '5ms' }],
    request: `${CHUNKED}ZZ\r\n`,
  },
  'a connection that is reset': { faults: [{ kind: 'connect-failure', at: 'handshake' }], face: 'TLSv1.3' },
  'a delay before the request': { faults: [{ kind: 'latency', delay: '5ms' }] },
  'a delay before the answer': { faults: [{ kind: 'latency', delay: '5ms', at: 'head' }] },
  'an injected error': { faults: ['overloaded'] },
  'an injected error after a while': { faults: [{ kind: 'latency', delay: '5ms' }, 'overloaded'] },
  'a speed limit': { faults: [{ kind: 'bandwidth', down: '1KiB' }] },
  'a speed limit of the upload': {
    faults: [{ kind: 'bandwidth', up: '5KiB' }],
    request: `${CHUNKED}80\r\n${'x'.repeat(128)}\r\n0\r\n\r\n`,
  },
  'a slow stream': { faults: [{ kind: 'slow-stream', tokens_per_second: 500 }], answer: STREAM },
  'a stream that is cut': {
    faults: [{ kind: 'stream-cut', after: { events: 2 }, how: 'reset' }],
    answer: STREAM,
  },
  'a stream that is cut by time': {
    faults: [
      { kind: 'slow-stream', tokens_per_second: 20 },
      { kind: 'stream-cut', after: { time: '10ms' }, how: 'close' },
    ],
    answer: STREAM,
  },
  'a rewritten body': { faults: ['body-not-json'] },
  'a reset before the answer': { faults: [{ kind: 'disconnect', at: 'request' }] },
  'an end while idle': { faults: [{ kind: 'disconnect', how: 'close', at: { idle: '5ms' } }] },
  'a rate limit that reads usage': {
    faults: [{ kind: 'rate-limit', output_tokens_per_minute: 100_000 }],
    answer: STREAM,
  },
};

interface Played {
  readonly sprung: boolean;
  /** What is wrong. */
  readonly wrong: readonly string[];
}

/** Plays a scenario with a trap at the given step; then, with the trap gone, a plain call on another connection. */
async function play(
  scenario: Scenario,
  what: 'clock' | 'events',
  at: number,
  patienceMs: number,
): Promise<Played> {
  const { faults, face = 'base URL', answer = JSON_ANSWER, request = GET, leave } = scenario;
  const upstream = await rawUpstream(
    ({ socket }) => {
      socket.on('error', () => {});
      socket.on('end', () => socket.end());
      socket.on('data', (chunk) => {
        if (!/\r\n\r\n$/.test(chunk.toString('latin1'))) return;
        if (scenario.upstream === 'ends') socket.end(String(answer).slice(0, -1));
        else if (scenario.upstream === 'resets') socket.resetAndDestroy();
        else socket.write(answer);
      });
    },
    { tls: false },
  );
  const trap = new Trap(at);
  const rule = { name: 'rule', limit: { times: 3 }, faults };
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    ...(what === 'clock' ? { clock: trappedClock(trap) } : { bus: new TrappedBus(trap) }),
    ...(faults ? { rules: compileRules([rule], { seed: '1', messages: 'real' }) } : {}),
  });
  trap.armed = true;
  const wrong: string[] = [];
  try {
    const opened = observe(face, proxy.port);
    const client = await Promise.race([opened.catch(() => undefined), sleep(patienceMs)]);
    if (client) {
      client.write(request);
      if (leave === 'half-close') client.halfClose();
      else if (leave === 'reset') {
        await sleep(2);
        client.reset();
      }
      await Promise.race([
        client.ended,
        proxy.event('exchange.ended').then(() => sleep(12)),
        sleep(patienceMs),
      ]);
    }
    trap.armed = false;
    proxy.replaceRules(compileRules([], { seed: '1', messages: 'real' }));
    const other = await observe('base URL', proxy.port);
    other.write(GET);
    await Promise.race([other.atLeast(1), sleep(2_000)]);
    if (!other.received().toString('latin1').startsWith('HTTP/1.1 '))
      wrong.push('the next call has no answer');
    const told = proxy.events.some((event) => 'message' in event && event.message === MESSAGE);
    if (trap.sprung && !told) wrong.push('nothing was told');
    if (trap.sprung && client && leave !== 'reset' && client.endedSoFar() === undefined)
      wrong.push('the connection is still open');
  } finally {
    await proxy.close(0);
    await upstream.close();
  }
  return { sprung: trap.sprung, wrong };
}

/** So many steps at least were tried. */
const ENOUGH = 4;
/** Where a trap keeps a call from its end, its end is waited for in vain: mostly a short while, on a busy machine a long one. */
const PATIENT_MS = 2_000;
const PASSES = [150, PATIENT_MS].flatMap((ms) => [['clock', ms] as const, ['events', ms] as const]);

/** More steps than any scenario has. */
const MOST = 60;

it.each(Object.keys(SCENARIOS))('%s', async (name) => {
  const uncaught: unknown[] = [];
  const hear = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
  atEnd(() => {
    process.off('uncaughtException', hear);
    process.off('unhandledRejection', hear);
  });
  const wrong: string[] = [];
  let sprung = 0;
  for (const [what, patienceMs] of PASSES) {
    if (patienceMs === PATIENT_MS && sprung > ENOUGH) break;
    // Eight at a time, up to the first eight that no trap caught.
    for (let from = 1, caught = true; caught && from < MOST; from += 8) {
      const traps = Array.from({ length: 8 }, (_, i) => from + i);
      const played = await Promise.all(
        traps.map((at) => play(SCENARIOS[name] as Scenario, what, at, patienceMs)),
      );
      caught = played.some((one) => one.sprung);
      sprung += played.filter((one) => one.sprung).length;
      for (const [i, one] of played.entries())
        wrong.push(...one.wrong.map((text) => `${what}, step ${traps[i]}: ${text}`));
    }
  }
  expect(wrong).toEqual([]);
  expect(uncaught).toEqual([]);
  expect(sprung).toBeGreaterThan(ENOUGH);
});

/** Calls through a proxy without a socket and without time: clients, upstream and clock are all in the test's hands. */
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { type ProxyOptions, startProxy } from '../../src/app/proxy.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { HeadReader } from '../../src/core/http1/head.ts';
import { streamTransport } from '../../src/engine/transport/transport.ts';
import { FakeClock } from './fake-clock.ts';
import { testAuthority } from './modes.ts';

/** What an upstream does with a request, once it is there whole. `cut` ends its connection, with a reset or a FIN. */
export type Serve = (write: (bytes: string) => void, cut: (how: 'reset' | 'end') => void) => void;

/** One call: what the client sends, what the upstream does, and when the client leaves, if it does. */
export interface InMemoryCall {
  readonly request: string;
  /** What else it sends, later. */
  readonly more?: string;
  readonly serve: Serve;
  /** The client goes away once nothing moves any more without time passing. */
  readonly leaves?: true;
}

/** What the client received, and the events of the call, in order. */
export interface InMemoryResult {
  readonly received: string;
  readonly events: readonly ProxyEvent[];
}

/** So often is the loop turned for the streams to become quiet. */
const TURNS = 12;

/**
 * Makes all calls at once, each on a connection of its own, and lets time pass until nothing more can happen; then all
 * clients leave.
 *
 * @param seconds how much time passes
 */
export async function inMemoryCalls(
  rules: NonNullable<ProxyOptions['rules']>,
  calls: readonly InMemoryCall[],
  seconds: number,
): Promise<InMemoryResult[]> {
  const clock = new FakeClock();
  const serving = calls.map(({ serve }) => serve);
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    listen: false,
    targets: ['api.anthropic.com'],
    ca: await testAuthority(),
    rules,
    clock,
    upstream: { kind: 'mock', dial: () => upstreamOf(serving) },
  });
  const events: ProxyEvent[] = [];
  proxy.bus.subscribe((event) =>
    events.push('toJSON' in event ? (event as { toJSON(): ProxyEvent }).toJSON() : event),
  );
  const clients = calls.map(({ request }, i) => {
    const [client, served] = duplexPair();
    let received = '';
    client.on('error', () => {}).setEncoding('latin1');
    client.on('data', (text: string) => {
      received += text;
    });
    proxy.accept(streamTransport(served, 'test'));
    client.write(request.replace('\r\n\r\n', `\r\nx-call: ${i}\r\n\r\n`));
    return { client, served, received: () => received };
  });
  await quiet();
  for (const [i, { leaves, more }] of calls.entries()) {
    if (more) clients[i]!.client.write(more);
    if (leaves) clients[i]!.served.destroy();
  }
  await quiet();
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1000);
    await quiet();
  }
  for (const { served } of clients) served.destroy();
  await quiet();
  await proxy.close(0);
  // Connections are numbered in the order in which they were accepted.
  const first = Math.min(...events.flatMap((event) => ('connection' in event ? [event.connection] : [])));
  const calling = new Map(
    events.flatMap((event) =>
      event.type === 'exchange.decided' ? [[event.exchange, event.connection - first]] : [],
    ) as [number, number][],
  );
  const callOf = (event: ProxyEvent): number | undefined =>
    'exchange' in event && event.exchange > 0
      ? calling.get(event.exchange)
      : 'connection' in event
        ? event.connection - first
        : undefined;
  return clients.map(({ received }, i) => ({
    received: received(),
    events: events.filter((event) => callOf(event) === i),
  }));
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await tick();
}

/** An upstream connection; requests say by their `x-call` how they are served. */
function upstreamOf(serving: readonly Serve[]): Duplex {
  const [up, upstream] = duplexPair();
  up.on('error', () => {});
  upstream.on('error', () => {}).setEncoding('latin1');
  let seen = '';
  let served = false;
  upstream.on('data', (text: string) => {
    seen += text;
    if (served || !isWhole(seen)) return;
    served = true;
    serving[Number(/x-call: (\d+)/.exec(seen)?.[1])]?.(
      (bytes) => {
        if (!upstream.destroyed) upstream.write(bytes);
      },
      (how) => {
        if (how === 'end') upstream.end();
        // The two sides of a pair do not hear of each other's destruction; what was written before is read first.
        else setImmediate(() => up.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' })));
      },
    );
  });
  return up;
}

function isWhole(request: string): boolean {
  const bytes = Buffer.from(request, 'latin1');
  const reader = new HeadReader('request');
  const end = reader.push(bytes, 0);
  if (end < 0) return false;
  const { framing } = reader.take();
  return framing.kind !== 'length' || bytes.length - end >= framing.length;
}

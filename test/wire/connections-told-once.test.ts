/** Every fault that is planned on a connection is told once, whatever acts beside it and whatever becomes of the connection. */
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { type RunningProxy, startProxy } from '../../src/app/proxy.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { streamTransport } from '../../src/engine/transport/transport.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testAuthority } from '../support/modes.ts';
import { type Fault, pairsOf } from '../support/told-once.ts';

const MORE: readonly Fault[] = [
  { kind: 'connect-failure', at: 'tls-hello', how: 'close' },
  { kind: 'connect-failure', at: 'handshake', how: 'hang' },
  { kind: 'tls', flaw: 'alert' },
  { kind: 'tls', flaw: 'expired' },
];
const FAULTS: readonly Fault[] = [
  ...[...faultCatalogue.values()]
    .filter(({ phase }) => phase === 'connection')
    .map(({ kind, example }) => ({ kind, ...(example as object) })),
  ...MORE,
];

const TUNNEL = 'CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n';
const CALL = 'GET /v1/models HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n';

/** What a client does on its side, as far as it gets. */
const FATES: Readonly<Record<string, (client: Duplex, leave: () => void) => void>> = {
  'a call to the base URL': (client) => client.write(CALL),
  'a tunnel whose client leaves': (client, leave) => {
    client.write(TUNNEL);
    setImmediate(leave);
  },
  'a tunnel without TLS': (client) => client.write(TUNNEL + CALL),
  'a tunnel of something else': (client) => client.write(`${TUNNEL}SSH-2.0-x\r\n`),
  'a call in a tunnel': (client) => {
    client.write(TUNNEL);
    // What answers the CONNECT, if anything does, is no part of the handshake.
    client.once('data', (said: Buffer) => {
      if (!said.toString().includes(' 200 ')) return;
      const socket = tls.connect({
        socket: client,
        servername: 'api.anthropic.com',
        rejectUnauthorized: false,
      });
      socket.on('error', () => {}).on('secureConnect', () => socket.write(CALL));
    });
  },
};

const SECONDS = 40;

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await tick();
}

it('of all pairs that compile', async () => {
  const names = Object.keys(FATES);
  const clock = new FakeClock();
  const ca = await testAuthority();
  const upstream = { kind: 'mock', dial: () => duplexPair()[0] } as const;
  const options = {
    host: '127.0.0.1',
    port: 0,
    listen: false,
    targets: ['api.anthropic.com'],
    ca,
    clock,
    upstream,
  };
  const runs = await Promise.all(
    pairsOf(FAULTS).map(async ({ faults, rules }) => {
      const proxy: RunningProxy = await startProxy({ ...options, rules });
      const events: ProxyEvent[] = [];
      proxy.bus.subscribe((event) => events.push(event));
      const served = names.map((name) => {
        const [client, side] = duplexPair();
        client.on('error', () => {});
        proxy.accept(streamTransport(side, 'test'));
        FATES[name]?.(client, () => side.destroy());
        client.resume();
        return side;
      });
      return { faults, proxy, events, served };
    }),
  );
  // Handshakes take turns of their own, on threads of their own.
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let second = 0; second < SECONDS; second += 1) {
    clock.advance(1000);
    await quiet();
  }
  const problems: string[] = [];
  for (const { faults, proxy, events, served } of runs) {
    for (const side of served) side.destroy();
    await quiet();
    await proxy.close(0);
    for (const [i, name] of names.entries()) {
      const of = events.filter((event) => 'connection' in event && event.connection === i + 1);
      const decided = of.find(({ type }) => type === 'connection.decided');
      if (decided === undefined) problems.push(`${JSON.stringify(faults)} on ${name}: not decided`);
      for (const kind of new Set(faults.map((fault) => fault.kind))) {
        const planned = faults.filter((fault) => fault.kind === kind).length;
        const told = of.filter(
          (event) =>
            (event.type === 'fault.applied' || event.type === 'fault.skipped') && event.fault === kind,
        ).length;
        if (told !== planned)
          problems.push(`${JSON.stringify(faults)} on ${name}: ${planned} ${kind} planned, ${told} told`);
      }
    }
  }
  expect(problems.slice(0, 10), `${problems.length}`).toEqual([]);
}, 60_000);

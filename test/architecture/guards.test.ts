/**
 * What runs for a connection runs under its guard (`client-stream.ts`), so that a bug there ends that connection and
 * not the process. Reads and events of streams come that way by themselves; here stands whoever sets off something of
 * its own, and why that is safe.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ENGINE = resolve(import.meta.dirname, '../../src/engine');

/** Waits on a clock, turns and timers of Node's, and what promises call back. */
const SET_OFF =
  /\.after\(|\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(|\bqueueMicrotask\(|\bnextTick\(|\.then\(/g;

/** How often each file does, and why it may. */
const MAY: Readonly<Record<string, readonly [times: number, why: string]>> = {
  'response/coding.ts': [1, 'goes through the guard that it was given'],
  'connection/connection-faults.ts': [1, 'waits on a clock with a guard of its own'],
  'upstream/dial.ts': [2, 'settles a promise'],
  'transport/endings.ts': [2, 'closes or resets, which never throws'],
  'engine.ts': [2, 'the sweep, whose connections guard themselves, and the time that a stop may take'],
  'transport/guarded-clock.ts': [1, 'is the guard of all other waits'],
  'http1/client-connection.ts': [1, 'goes through the guard'],
  'injection/injection.ts': [2, 'wait on their connection’s clock'],
  'tunnel/opening-tunnel.ts': [2, 'an abandoned upstream is destroyed; the other one catches'],
  'transport/pacer.ts': [1, 'waits on the clock that it was given, its connection’s'],
  'request/request-feed.ts': [1, 'both ways go through the guard'],
  'response/sse-body.ts': [2, 'wait on their connection’s clock'],
  'transport/system-clock.ts': [1, 'is the clock'],
  'tunnel/target-in-tunnel.ts': [
    2,
    'waits on its connection’s clock; what it hears of its upstream goes through the guard',
  ],
  'tunnel/join-tunnel.ts': [1, 'tells its end'],
};

it('whoever sets off something of its own in the engine is known', () => {
  const found: Record<string, number> = {};
  for (const file of readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const times = readFileSync(join(ENGINE, file), 'utf8').match(SET_OFF)?.length ?? 0;
    if (times > 0) found[file.replaceAll('\\', '/')] = times;
  }
  expect(found).toEqual(Object.fromEntries(Object.entries(MAY).map(([file, [times]]) => [file, times])));
});

/** Starts proxies for tests, and checks at the end that nothing of them is left. */
import { expect, onTestFinished } from 'vitest';
import { type ProxyOptions, type RunningProxy, startProxy } from '../../src/app/proxy.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { testAuthority } from './modes.ts';
import { testRules } from './rules.ts';

export interface TestProxy extends RunningProxy {
  readonly events: ProxyEvent[];
  /** Resolves with the first event, past or coming, that fits. */
  event<T extends ProxyEvent['type']>(
    type: T,
    fits?: (event: Extract<ProxyEvent, { type: T }>) => boolean,
  ): Promise<Extract<ProxyEvent, { type: T }>>;
}

/** The test under way, whose sockets are looked at when all else of it has ended. */
let watched: unknown;

/** Runs at the end of the test, last in first out; then no socket may be left open. */
export function atEnd(cleanup: () => Promise<unknown> | unknown): void {
  const test = expect.getState().currentTestName;
  if (watched !== test) {
    watched = test;
    // The first one that is asked for comes last.
    onTestFinished(async () => {
      watched = undefined;
      await expect
        .poll(openSockets, { interval: 2, timeout: 15_000, message: 'sockets left open by the test' })
        .toEqual([]);
    });
  }
  onTestFinished(async () => void (await cleanup()));
}

/** TCP and TLS handles of this process: after a test, there must be none. */
export function openSockets(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS)/.test(name));
}

/** A proxy on a free port for `api.anthropic.com`; passes everything unless told otherwise. */
export async function testProxy(options: Partial<ProxyOptions> = {}): Promise<TestProxy> {
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    targets: ['api.anthropic.com'],
    rules: testRules(() => undefined),
    ca: await testAuthority(),
    upstream: { kind: 'target' },
    ...options,
  });
  const events: ProxyEvent[] = [];
  const waiting: { fits: (event: ProxyEvent) => boolean; resolve: (event: ProxyEvent) => void }[] = [];
  proxy.bus.subscribe((event) => {
    // Kept as an event log would keep it: some events work out their parts when they are read.
    events.push('toJSON' in event ? (event as { toJSON(): ProxyEvent }).toJSON() : event);
    for (const one of [...waiting]) {
      if (!one.fits(event)) continue;
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve(event);
    }
  });
  atEnd(() => proxy.close(0));
  return {
    ...proxy,
    events,
    event: (type, fits = () => true) =>
      new Promise((resolve) => {
        const test = (event: ProxyEvent): boolean => event.type === type && fits(event as never);
        const past = events.find(test);
        if (past) resolve(past as never);
        else waiting.push({ fits: test, resolve: resolve as never });
      }),
  };
}

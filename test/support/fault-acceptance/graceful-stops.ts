/** A plugin that is stopped while calls run: each client gets its answer to the last byte, or a word is said about it. */
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/effect.ts';
import type { ExchangeEnded } from '../../../src/core/events.ts';
import { EventBus } from '../../../src/observe/bus.ts';
import { pluginOverGrpc } from '../fault-caller/over-grpc.ts';
import { testRules } from '../rules.ts';
import { MESSAGE, patternOf } from './api.ts';
import { type AcceptanceBench, acceptanceBench, errorBody, type StartCaller } from './bench.ts';
import { failure, type NodeCall, nodeCall, tunnelAgent } from './node-client.ts';

const REFUSED: Effect = {
  do: 'respond',
  status: 529,
  reason: '',
  headers: [['content-type', 'application/json']],
  body: errorBody(529),
};
const delayed = (at: 'request' | 'head'): Effect => ({ do: 'delay', at, ms: 300 });

interface StopBench extends AcceptanceBench {
  /** Resolves once so many calls were decided. */
  decided(count: number): Promise<void>;
  /** `how status` of each call that was told as over. */
  readonly told: readonly string[];
  /** Codes of what the plugin said on its own account. */
  readonly said: readonly string[];
}

async function stopBench(start: StartCaller, effects?: readonly Effect[]): Promise<StopBench> {
  const bus = new EventBus();
  const told: string[] = [];
  const said: string[] = [];
  let decided = 0;
  const waiting = new Set<() => void>();
  bus.subscribe((event) => {
    if (event.type === 'notice') said.push(event.code);
    if (event.type === 'exchange.ended')
      told.push(`${event.how} ${(event as ExchangeEnded).status || 'none'}`);
    if (event.type !== 'exchange.decided') return;
    decided += 1;
    for (const look of waiting) look();
  });
  const bench = await acceptanceBench(start, {
    plugin: { bus, ...(effects ? { rules: testRules(() => effects) } : {}) },
  });
  return {
    ...bench,
    told,
    said,
    decided: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (decided < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Calls on tunnels of their own, and the moment when the first bytes of all answers are there. */
function calls(bench: AcceptanceBench, count: number, call: NodeCall, tls: 'TLSv1.2' | 'TLSv1.3') {
  const begun: Promise<void>[] = [];
  const answers = Array.from({ length: count }, () => {
    let began = (): void => {};
    begun.push(
      new Promise<void>((resolve) => {
        began = resolve;
      }),
    );
    const agent = tunnelAgent(bench, { minVersion: tls, maxVersion: tls });
    return nodeCall(agent, { ...call, onData: () => began() });
  });
  const all = Promise.all(answers);
  all.catch(() => {}); // looked at once the plugin has stopped
  return { begun: Promise.all(begun), answers: all };
}

export function describeGracefulStops(start: StartCaller): void {
  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('10 a plugin that is stopped gracefully, %s', (tls) => {
    it('lets streams come to their end', async () => {
      const bench = await stopBench(start);
      const { begun, answers } = calls(bench, 3, { path: '/events/60' }, tls);
      await begun;
      await bench.plugin.close();
      const seen = (await answers).map(({ body }) => body.toString().match(/"i":\d+/g)?.length);
      expect(seen).toEqual([60, 60, 60]);
      expect(bench.told).toEqual(Array.from({ length: 3 }, () => 'complete 200'));
    });

    it.each([
      ['small', '/message', Buffer.from(MESSAGE)],
      ['large', '/bytes/300000', patternOf(300_000)],
    ])('lets an answer come whole: %s', async (_name, path, whole) => {
      const bench = await stopBench(start, [delayed('head')]);
      const { answers } = calls(bench, 3, { path }, tls);
      await bench.decided(3);
      await bench.plugin.close();
      for (const { status, body } of await answers) expect([status, body.equals(whole)]).toEqual([200, true]);
      expect(bench.told).toEqual(Array.from({ length: 3 }, () => 'complete 200'));
    });

    it('lets an injected answer come that is delayed', async () => {
      const bench = await stopBench(start, [delayed('request'), REFUSED]);
      const { answers } = calls(bench, 3, { path: '/message' }, tls);
      await bench.decided(3);
      const asking = pluginOverGrpc(bench.plugin.url);
      expect(await asking.healthy()).toBe(true);
      const closed = bench.plugin.close();
      // So that fault, if it asks now, shows it nothing new.
      expect(await asking.healthy()).toBe(false);
      asking.close();
      await closed;
      expect(bench.said).not.toContain('fault-not-told');
      for (const { status, body } of await answers)
        expect([status, body.toString()]).toEqual([529, errorBody(529)]);
      expect(bench.api.requests).toEqual([]);
    });

    it('is not held up by a tunnel without a call', async () => {
      const bench = await stopBench(start);
      const agent = tunnelAgent(bench, { minVersion: tls, maxVersion: tls });
      agent.maxSockets = 1;
      await nodeCall(agent, { path: '/message' });
      await bench.plugin.close(600_000);
      expect(bench.plugin.tunnels).toBe(0);
      agent.destroy();
    });
  });

  describe('10 a plugin that is stopped, and whose time is over', () => {
    it('cuts what is under way, which is told', async () => {
      const bench = await stopBench(start);
      let began = (): void => {};
      const begun = new Promise<void>((resolve) => {
        began = resolve;
      });
      const call = failure(nodeCall(tunnelAgent(bench), { path: '/events/100000', onData: () => began() }));
      await begun;
      await bench.plugin.close(100);
      expect(await call).toBe('ECONNRESET');
      expect(bench.told).not.toContain('complete 200');
      expect(bench.told).toHaveLength(1);
    });
  });
}

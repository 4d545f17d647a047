/** Acceptance tests 7: where fault loses bytes of plugins that are not careful. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MESSAGE, patternOf, sha256 } from './api.ts';
import { type AcceptanceBench, acceptanceBench, errorBody, type StartCaller } from './bench.ts';
import { failure, nodeCall, openSecure, tunnelAgent } from './node-client.ts';

/** Rounds that run at a time: they share nothing but the plugin, and none can hide what another loses. */
const AT_ONCE = 10;

/** One connection: its request comes in two pieces, each so many milliseconds behind what precedes it. */
async function round(bench: AcceptanceBench, ms: number, want: number): Promise<void> {
  const socket = await openSecure(bench);
  await pause(ms);
  socket.write(`GET /message HTTP/1.1\r\nHost: api.anthropic.com\r\n`);
  await pause(ms);
  socket.write(`x-want: ${want}\r\nConnection: close\r\n\r\n`);
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString()));
  const failed = await new Promise<Error | undefined>((resolve) => {
    socket.on('error', resolve);
    socket.on('close', () => resolve(undefined));
  });
  expect(failed).toBeUndefined();
  expect(text).toContain(`HTTP/1.1 ${want} `);
  expect(text.endsWith(want === 200 ? MESSAGE : errorBody(529)), text).toBe(true);
}

/** @param times how often each gap is tried @param tunnels how many are open at once */
export function describeDataLoss(
  start: StartCaller,
  title = '7 no byte is lost',
  { times = 100, tunnels = 50 } = {},
): void {
  describe(title, () => {
    it.each([0, 1, 2, 5, 30])(
      `Finished and request %i ms apart, ${times} times`,
      async (ms) => {
        const bench = await acceptanceBench(start);
        for (let begun = 0; begun < times; begun += AT_ONCE)
          await Promise.all(
            Array.from({ length: AT_ONCE }, (_, nth) => round(bench, ms, nth % 2 ? 529 : 200)),
          );
      },
      120_000,
    );

    it(`${tunnels} tunnels at once: small and large, up and down, passed and refused`, async () => {
      const bench = await acceptanceBench(start);
      const up = patternOf(40_000);
      const down = patternOf(200_000);
      const one = async (nth: number): Promise<string> => {
        const agent = tunnelAgent(bench);
        const want = { 'x-want': 200 };
        for (const turn of [nth, nth + 1, nth + 2]) {
          const kind = turn % 4;
          if (kind === 0) {
            const { body } = await nodeCall(agent, { path: '/bytes/200000', headers: want });
            if (sha256(body) !== sha256(down)) return 'download differs';
          } else if (kind === 1) {
            const { body } = await nodeCall(agent, { path: '/hash', headers: want, body: up });
            if (!body.toString().includes(sha256(up))) return 'upload differs';
          } else {
            const headers = { 'x-want': kind === 2 ? 429 : 529 };
            const call = { path: '/hash', headers, ...(kind === 2 ? {} : { body: up }) };
            if ((await nodeCall(agent, call)).status !== headers['x-want']) return 'no injected error';
          }
        }
        agent.destroy();
        return 'no failure';
      };
      const outcomes = await Promise.all(
        Array.from({ length: tunnels }, (_, nth) =>
          one(nth).catch((error: Error) => failure(Promise.reject(error))),
        ),
      );
      expect(outcomes).toEqual(outcomes.map(() => 'no failure'));
    }, 60_000);
  });
}

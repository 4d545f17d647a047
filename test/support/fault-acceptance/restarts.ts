/** Acceptance tests 10: a plugin that stops, and one that comes back, while tunnels are open. */
import { describe, expect, it } from 'vitest';
import { startPlugin } from '../../../src/grpc/plugin.ts';
import { testAuthority } from '../modes.ts';
import { atEnd } from '../proxy.ts';
import { MESSAGE } from './api.ts';
import { acceptanceBench, errorBody, type StartCaller, wishes } from './bench.ts';
import { failure, nodeCall, tunnelAgent } from './node-client.ts';

export function describeRestarts(start: StartCaller): void {
  describe('10 a plugin that stops', () => {
    it('ends streams that are under way: their clients are not left waiting', async () => {
      const bench = await acceptanceBench(start);
      const streams = Array.from({ length: 5 }, () => {
        let began = (): void => {};
        const begun = new Promise<void>((resolve) => {
          began = resolve;
        });
        const call = nodeCall(tunnelAgent(bench), { path: '/events/100000', onData: () => began() });
        return { begun, over: failure(call) };
      });
      await Promise.all(streams.map(({ begun }) => begun));
      await bench.plugin.close(0);
      expect(await Promise.all(streams.map(({ over }) => over))).toEqual(streams.map(() => 'ECONNRESET'));
    });

    it('and comes back: a tunnel that was open breaks at its next call, and the next tunnel works', async () => {
      const bench = await acceptanceBench(start);
      const agent = tunnelAgent(bench);
      agent.maxSockets = 1;
      const call = (want: number) => nodeCall(agent, { path: '/message', headers: { 'x-want': want } });
      expect((await call(200)).body.toString()).toBe(MESSAGE);
      await bench.plugin.close(0);
      const plugin = await startPlugin({
        host: '127.0.0.1',
        port: bench.plugin.port,
        targets: ['api.anthropic.com'],
        rules: wishes(),
        ca: await testAuthority(),
        upstreamCa: bench.api.ca,
        version: '0.0.0-test',
      });
      atEnd(() => plugin.close(0));
      expect(await failure(call(200))).not.toBe('no failure');
      // Fault may have taken its plugin for lost, and looks again after ten seconds.
      const again = (): Promise<string> =>
        call(529).then(
          ({ body }) => body.toString(),
          () => 'failed',
        );
      await expect.poll(again, { timeout: 13_000, interval: 100 }).toBe(errorBody(529));
      expect((await call(200)).body.toString()).toBe(MESSAGE);
    });
  });
}

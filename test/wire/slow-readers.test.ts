/** A client that does not read for a while gets all that it is owed, and the end is told when it has it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { type Setup, setUp } from '../support/exchange-setup.ts';
import { fastClock } from '../support/fast-clock.ts';
import { MODES, type Mode } from '../support/modes.ts';

const SMALL = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';

/** Sweeps come often and the clock runs a thousand times as fast: in 30 ms, half a minute goes by. */
function sweepOften(): void {
  const every = setInterval;
  const sweeps = vi
    .spyOn(globalThis, 'setInterval')
    .mockImplementation(((run: () => void) => every(run, 5)) as typeof setInterval);
  onTestFinished(() => sweeps.mockRestore());
}

/** An answer that we make whole: more than kernels hold of a connection that nobody reads. */
function huge(mode: Mode): Promise<Setup> {
  const rules = compileRules([{ name: 'huge', fault: { kind: 'body-huge', size: '12MiB' } }], {
    seed: '1',
    messages: 'real',
  });
  const serve = (peer: Parameters<Parameters<typeof setUp>[1]>[0]): void =>
    void peer.until('\r\n\r\n').then(() => peer.socket.write(SMALL));
  return setUp(mode, serve, { rules, clock: fastClock(1000) });
}

describe.each(MODES)('an answer that lies here, %s', (mode) => {
  it('is given whole with `Connection: close`, and told when it was taken', async () => {
    sweepOften();
    const { client, peer, proxy, send } = await huge(mode);
    send('GET /v1/x', 'Connection: close\r\n\r\n');
    client.socket.pause();
    await proxy.event('exchange.head');
    await sleep(60);
    expect(proxy.events.map(({ type }) => type)).not.toContain('exchange.ended');
    client.socket.resume();
    expect(await peer.ended).toBe('end');
    const head = peer.received().indexOf('\r\n\r\n') + 4;
    const length = Number(/content-length: (\d+)/i.exec(peer.received().toString('latin1', 0, head))?.[1]);
    expect(length).toBeGreaterThan(12_000_000);
    expect(peer.received().length - head).toBe(length);
    expect(await proxy.event('exchange.ended')).toMatchObject({
      how: 'complete',
      bytesDown: head + length,
    });
  });

  it('is told as left behind by a client that goes away', async () => {
    const { client, proxy, send } = await huge(mode);
    send('GET /v1/x');
    client.socket.pause();
    await proxy.event('exchange.head');
    client.raw.resetAndDestroy();
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'client-abort', cause: 'injected' });
  });
});

/** What acts beside an injected answer: it goes to the client as an upstream's would. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import type { TestProxy } from '../support/proxy.ts';

const rulesOf = (...faults: readonly unknown[]) => ({
  rules: compileRules([{ name: 'r', faults }], { seed: '1', messages: 'real' }),
});
const told = ({ events }: TestProxy) =>
  events.flatMap((event) =>
    event.type === 'fault.applied'
      ? [`${event.fault}: ${event.effect}`]
      : event.type === 'fault.skipped'
        ? [`${event.fault} skipped: ${event.reason}`]
        : [],
  );
const undated = (answer: Buffer): string => answer.toString().replace(/\r\nDate: [^\r]+/, '');

describe.each(MODES)('beside an injected answer, %s', (mode) => {
  const start = (...faults: readonly unknown[]) => setUp(mode, () => {}, rulesOf('overloaded', ...faults));

  async function plain(): Promise<string> {
    const { peer, send } = await start();
    send('GET /v1/models');
    await peer.until('request_id');
    await peer.until('}');
    return undated(peer.received());
  }

  it('it waits, drips, is whole, and keeps its connection', async () => {
    const { peer, send, proxy } = await start(
      { kind: 'latency', delay: '60ms', at: 'head' },
      { kind: 'slow-body', first_byte: '40ms', per_second: '4KiB' },
    );
    const began = performance.now();
    send('GET /v1/models');
    await proxy.event('exchange.ended');
    expect(performance.now() - began).toBeGreaterThanOrEqual(95);
    await expect.poll(() => undated(peer.received()), { timeout: 10_000 }).toBe(await plain());
    expect(told(proxy)).toEqual([
      'latency: delay 60 ms before the answer',
      'http-error: respond 529',
      'slow-body: first byte after 40 ms, 4096 bytes/s down',
    ]);
    expect(await proxy.event('exchange.ended')).toMatchObject({ cause: 'injected', source: 'injected' });
    send('GET /v1/models');
    await peer.until('HTTP/1.1 529', 2);
  });

  it('it is cut at its byte', async () => {
    const { peer, send, proxy } = await start({
      kind: 'disconnect',
      how: 'close',
      at: { bytes_down: '50B' },
    });
    send('GET /v1/models');
    expect(await peer.ended).toBe('end');
    expect(peer.received()).toHaveLength(50);
    expect(told(proxy)).toEqual(['http-error: respond 529', 'disconnect: close after 50 bytes down']);
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', status: 529 });
  });

  it('its headers are changed, and it is marked once', async () => {
    const { peer, send, proxy } = await start({ kind: 'body-content-type', content_type: 'text/plain' });
    send('GET /v1/models');
    await peer.until('request_id');
    const head = peer.received().toString().split('\r\n\r\n')[0]!.toLowerCase();
    expect(head).toContain('\r\ncontent-type: text/plain');
    expect(head.match(/x-injected-fault: /g)).toHaveLength(1);
    expect(told(proxy)).toEqual(['http-error: respond 529', 'body-content-type: changed the head']);
  });

  it('its connection ends while it idles', async () => {
    const { peer, send, proxy } = await start({ kind: 'disconnect', how: 'close', at: { idle: '20ms' } });
    send('GET /v1/models');
    expect(await peer.ended).toBe('end');
    expect(undated(peer.received())).toBe(await plain());
    expect(told(proxy)).toEqual(['http-error: respond 529', 'disconnect: close after 20 ms idle']);
  });

  it('its request is read no faster than a limit says', async () => {
    const { peer, send, proxy } = await start({ kind: 'bandwidth', up: '20KiB' });
    const began = performance.now();
    send('POST /v1/messages', `Content-Length: 4096\r\n\r\n${'x'.repeat(4096)}`);
    await peer.until('request_id');
    expect(performance.now() - began).toBeGreaterThanOrEqual(150);
    expect(told(proxy)).toEqual(['bandwidth: 20480 bytes/s up', 'http-error: respond 529']);
  });

  it('a cut of the request comes before it, or is told as skipped', async () => {
    const cut = (size: string) => ({ kind: 'disconnect', how: 'close', at: { bytes_up: size } });
    const short = await start(cut('1MiB'));
    short.send('GET /v1/models');
    await short.peer.until('request_id');
    expect(told(short.proxy)).toEqual([
      expect.stringMatching(/^disconnect skipped: the request had \d+ bytes/),
      'http-error: respond 529',
    ]);
    const long = await start(cut('20B'));
    long.send('GET /v1/models');
    expect(await long.peer.ended).toBe('end');
    expect(long.peer.received()).toHaveLength(0);
    expect(told(long.proxy)).toEqual([
      'disconnect: close after 20 bytes up',
      'http-error skipped: another fault ended the call before it could act',
    ]);
  });

  it('of two speed limits the lower holds, and one that makes no difference is told as skipped', async () => {
    const { send, proxy } = await start(
      { kind: 'bandwidth', down: '64KiB' },
      { kind: 'slow-body', per_second: '8KiB' },
    );
    send('GET /v1/models');
    await proxy.event('exchange.ended');
    expect(told(proxy)).toEqual([
      'http-error: respond 529',
      'slow-body: 8192 bytes/s down',
      'bandwidth skipped: another fault slows it more (8192 bytes/s)',
    ]);
  });

  it('an answer to HEAD has nothing to slow down', async () => {
    const { peer, send, proxy } = await start({ kind: 'slow-body', per_second: '1KiB' });
    send('HEAD /v1/models');
    await peer.until('\r\n\r\n');
    expect(told(proxy)).toEqual([
      'http-error: respond 529',
      'slow-body skipped: the answer had no body to slow down',
    ]);
  });
});

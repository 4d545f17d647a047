/**
 * Half-close and close look the same until the client speaks again: behind a half-close the proxy still reads,
 * behind a close it answers with RST. Told apart by a raw tap, with and without TLS.
 */
import net from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fastClock } from '../support/fast-clock.ts';
import { behindTap, openSecure, REQUEST, VERSIONS, type Version } from '../support/network-bench.ts';
import { atEnd } from '../support/proxy.ts';
import type { Tap } from '../support/tap.ts';

/** More than what kernels and sockets hold of a connection that nobody reads. */
const MORE = Buffer.alloc(16 * 1024 * 1024);

async function connect(tap: Tap, version: Version | 'no TLS'): Promise<net.Socket> {
  if (version !== 'no TLS') {
    const socket = await openSecure(tap, version);
    if (typeof socket === 'string') throw new Error(`no tunnel: ${socket}`);
    socket.on('secureConnect', () => socket.write(REQUEST));
    return socket;
  }
  const socket = net.connect({ host: '127.0.0.1', port: tap.port, allowHalfOpen: true });
  atEnd(() => socket.destroy());
  socket.write(REQUEST);
  return socket;
}

/** Calls, hears the proxy's FIN, then sends much more and leaves. @returns how the connection went away */
async function goOnAfterFin(tap: Tap, version: Version | 'no TLS', then = async () => {}): Promise<string> {
  const socket = await connect(tap, version);
  socket.on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.once('end', resolve));
  await then();
  socket.write(MORE);
  socket.end();
  const tapped = await tap.first();
  expect(await tapped.ended).toBe('FIN');
  return tapped.gone;
}

const CALLS = [
  { at: 'request' },
  { at: 'head' },
  { at: { bytes_up: '20B' } },
  { at: { bytes_down: '500B' } },
  { at: { idle: '10ms' } },
] as const;

describe.each([...VERSIONS, 'no TLS'] as const)('%s', (version) => {
  it.each(CALLS)('half-close, %j: what comes after the FIN is read', async ({ at }) => {
    const { tap } = await behindTap({ kind: 'disconnect', how: 'half-close', at });
    expect(await goOnAfterFin(tap, version)).toBe('closed');
  });

  it.each(CALLS)('close, %j: what comes after the FIN is refused', async ({ at }) => {
    const { tap } = await behindTap({ kind: 'disconnect', how: 'close', at });
    expect(await goOnAfterFin(tap, version)).toBe('RST');
  });

  it.each([
    ['half-close', 'closed'],
    ['close', 'RST'],
  ] as const)('%s before a request', async (how, gone) => {
    const at = version === 'no TLS' ? 'accept' : 'handshake';
    const { tap } = await behindTap({ kind: 'connect-failure', how, at });
    expect(await goOnAfterFin(tap, version)).toBe(gone);
  });
});

it('a half-closed connection is the client’s to end: no sweep takes it', async () => {
  // Sweeps come often and the clock runs a thousand times as fast: each finds the connection idle for too long.
  const every = setInterval;
  const sweeps = vi
    .spyOn(globalThis, 'setInterval')
    .mockImplementation(((run: () => void) => every(run, 10)) as typeof setInterval);
  onTestFinished(() => sweeps.mockRestore());
  const { tap } = await behindTap({ kind: 'disconnect', how: 'half-close' }, { clock: fastClock(1000) });
  const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
  expect(await goOnAfterFin(tap, 'TLSv1.3', wait)).toBe('closed');
});

it.each([
  { kind: 'disconnect', how: 'half-close' },
  { kind: 'disconnect', how: 'hang' },
  { kind: 'disconnect', how: 'hang', at: 'head' },
  { kind: 'connect-failure', how: 'hang' },
  { kind: 'connect-failure', how: 'half-close', at: 'handshake' },
  { kind: 'slow-accept', delay: '5m' },
])('%j does not hold up a proxy that stops', async (fault) => {
  const { proxy, tap } = await behindTap(fault);
  const socket = await openSecure(tap, 'TLSv1.3');
  if (typeof socket === 'string') throw new Error(`no tunnel: ${socket}`);
  socket.on('error', () => {}).resume();
  socket.on('secureConnect', () => socket.write(REQUEST));
  await proxy.event('fault.applied');
  await proxy.close(60_000);
});

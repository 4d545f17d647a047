/** What is unsent is told by what Node keeps to itself, and without that by what streams say of themselves. */
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { plainPair } from '../../../test/support/socket-pairs.ts';
import { socketTransport, streamTransport, TlsTransport, type Transport } from './transport.ts';
import { unsentMark } from './unsent.ts';

/** More than the kernel takes from a socket whose other side does not read. */
const MUCH = 16 * 1024 * 1024;

/** A stream whose writes are done when they are let go. */
function held(): { stream: Duplex; letGo: () => void } {
  const waiting: (() => void)[] = [];
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => void waiting.push(done) });
  return { stream, letGo: () => waiting.shift()?.() };
}

describe('what is unsent', () => {
  it('changes while a socket takes some of one large write', async () => {
    const { near, far } = await plainPair();
    near.write(Buffer.alloc(MUCH));
    const transport = socketTransport(near);
    const before = unsentMark(transport);
    far.resume();
    while (unsentMark(transport) === before) await new Promise(setImmediate);
    expect(near.writableLength).toBe(MUCH);
  });

  it('changes with whole writes where the handle does not tell', async () => {
    const { near, far } = await plainPair();
    const handle = (near as unknown as { _handle: { writeQueueSize?: number } })._handle;
    Object.defineProperty(handle, 'writeQueueSize', { value: undefined });
    near.write(Buffer.alloc(MUCH));
    const transport = socketTransport(near);
    const before = unsentMark(transport);
    expect(before).toBe(MUCH);
    far.resume();
    while (unsentMark(transport) === before) await new Promise(setImmediate);
    expect(unsentMark(transport)).toBe(0);
  });

  it.each([
    ['a stream', (stream: Duplex): Transport => streamTransport(stream, 'peer')],
    [
      'a stream over another',
      (stream: Duplex): Transport => new TlsTransport(new Duplex(), streamTransport(stream, 'peer')),
    ],
  ])('of %s without a handle is what it has not written', async (_what, transportOf) => {
    const { stream, letGo } = held();
    const transport = transportOf(stream);
    expect(unsentMark(transport)).toBe(0);
    stream.write('abc');
    stream.write('de');
    expect(unsentMark(transport)).toBe(5);
    letGo();
    await new Promise(setImmediate);
    expect(unsentMark(transport)).toBe(2);
  });
});

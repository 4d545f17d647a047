import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HI, user } from './calls.ts';
import { atEnd, collect, connect, listening, rawPost, until } from './wire-support.ts';

const STREAM = { ...HI, stream: true };

/** A stream of ten tokens a second under a clock that stands still. */
async function slowStream(body = STREAM) {
  const clock = new FakeClock();
  const mock = createMockApi({ clock, tokensPerSecond: 10, padding: false });
  atEnd(() => mock.close());
  const connection = mock.dial();
  const received = collect(connection);
  connection.write(rawPost(body));
  await until(() => clock.pending === 1);
  return { clock, connection, text: received.text };
}

const deltas = (text: string) => text.split('event: content_block_delta\n').length - 1;

describe('a speed', () => {
  it('holds back each delta until its tokens are due', async () => {
    const { clock, text } = await slowStream();
    await until(() => text().includes('event: ping'));
    expect(deltas(text())).toBe(0);
    clock.advance(299);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await until(() => deltas(text()) === 1);
    await until(() => clock.pending === 1);
    clock.advance(299);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await until(() => deltas(text()) === 2);
  });

  it('takes as long as the answer has tokens', async () => {
    const { clock, text } = await slowStream();
    while (!text().includes('message_stop')) {
      if (clock.pending > 0) clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const tokens = Number(
      /"output_tokens":(\d+),"output_tokens_details":null,"server_tool_use":null\}\}/.exec(text())?.[1],
    );
    expect(tokens).toBeGreaterThan(50);
    expect(clock.now()).toBe(tokens * 100);
  });

  it('catches up after a late wake-up', async () => {
    const { clock, text } = await slowStream();
    clock.advance(60_000);
    await until(() => text().includes('message_stop'));
    expect(clock.pending).toBe(0);
  });

  it('does not slow down a whole answer', async () => {
    const { port } = await listening({ clock: new FakeClock(), tokensPerSecond: 1 });
    const socket = await connect(port);
    const { text } = collect(socket);
    socket.write(rawPost(HI));
    await until(() => text().includes('end_turn'));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('cannot be %d', (tokensPerSecond) => {
    expect(() => createMockApi({ tokensPerSecond })).toThrow('tokens per second above 0');
  });
});

describe('a client that goes away', () => {
  it('leaves no timer behind', async () => {
    const { clock, connection } = await slowStream();
    connection.destroy();
    await until(() => clock.pending === 0);
  });

  it('leaves none behind over a socket either', async () => {
    const clock = new FakeClock();
    const { port } = await listening({ clock, tokensPerSecond: 10 });
    const socket = await connect(port);
    socket.write(rawPost(STREAM));
    await until(() => clock.pending === 1);
    socket.resetAndDestroy();
    await until(() => clock.pending === 0);
  });

  it('within its own request is no error', async () => {
    const { mock, port } = await listening();
    const socket = await connect(port);
    const accepted = once(mock.server, 'request');
    socket.write(rawPost(HI).slice(0, -5));
    await accepted;
    socket.destroy();
    await until(() => !socket.readable);
    const next = await connect(port);
    const { text } = collect(next);
    next.write(rawPost(HI));
    await until(() => text().includes('end_turn'));
  });
});

describe('a client that does not read', () => {
  it.each([undefined, 'gzip'])('is waited for (coding %s)', async (coding) => {
    const mock = createMockApi({ compress: true });
    atEnd(() => mock.close());
    const served = once(mock.server, 'connection');
    const connection = mock.dial();
    const [socket] = await served;
    const large = { ...STREAM, max_tokens: 60_000, messages: [user('words=20000')] };
    connection.write(rawPost(large, coding ? `accept-encoding: ${coding}\r\n` : ''));
    await until(() => socket.writableNeedDrain);
    const full = socket.writableLength;
    expect(full).toBeLessThan(100_000);
    // Time for a writer that does not wait to go on.
    for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writableLength).toBeLessThan(full + 2000);

    let bytes = 0;
    let tail = '';
    connection.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-20);
    });
    await until(() => tail.endsWith('\r\n0\r\n\r\n'));
    expect(bytes).toBeGreaterThan(coding ? 100_000 : 800_000);
  });
});

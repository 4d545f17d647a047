/** Whatever way a stream's bytes come, the hearer gets all of them, in order, and only while the stream flows. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainPair, transfers } from '../../../../test/support/socket-pairs.ts';
import { detachReader, fastReads, hear } from './fast-read.ts';

/** What was heard, and a promise for when it is so many bytes. */
class Ear {
  text = '';
  events = 0;
  each: (chunk: Buffer) => void = () => {};
  #wait: { length: number; then: () => void } | undefined;

  onData(chunk: Buffer): void {
    this.text += chunk.toString('latin1');
    this.each(chunk);
    if (this.#wait && this.text.length >= this.#wait.length) this.#wait.then();
  }

  async heard(length: number): Promise<string> {
    if (this.text.length < length)
      await new Promise<void>((then) => {
        this.#wait = { length, then };
      });
    return this.text;
  }

  /** Hears the stream, and counts the `data` events that it took. */
  on(stream: Duplex): this {
    hear(stream, this);
    stream.on('data', () => this.events++);
    stream.pause();
    return this;
  }
}

describe('hear', () => {
  it("gets a flowing socket's chunks without an event for each", async () => {
    const { near, far } = await plainPair();
    const ear = new Ear().on(far);
    far.resume();
    near.write('one');
    await ear.heard(3);
    near.write('two');
    expect(await ear.heard(6)).toBe('onetwo');
    expect(ear.events).toBe(fastReads ? 0 : 2);
  });

  it('gets what was put back first, and what came while the stream was paused', async () => {
    const { near, far } = await plainPair();
    const ear = new Ear().on(far);
    far.unshift(Buffer.from('first'));
    near.write('second');
    far.resume();
    expect(await ear.heard(11)).toBe('firstsecond');
    far.pause();
    near.write('third');
    while (far.readableLength < 5) await new Promise(setImmediate);
    expect(ear.text).toBe('firstsecond');
    far.resume();
    expect(await ear.heard(16)).toBe('firstsecondthird');
  });

  it('stops a socket that nobody takes bytes from, and starts it again', async () => {
    const { near, far } = await plainPair();
    const ear = new Ear().on(far);
    const all = 8 * far.readableHighWaterMark;
    const sent = Buffer.alloc(all, 'abcdefg');
    far.resume();
    near.write('x');
    await ear.heard(1);
    far.pause();
    near.write(sent);
    while (far.readableLength < far.readableHighWaterMark) await new Promise(setImmediate);
    for (let i = 0; i < 100; i++) await new Promise(setImmediate);
    expect(far.readableLength).toBeLessThan(all);
    expect(ear.text).toBe('x');
    far.resume();
    const text = await ear.heard(1 + all);
    expect(Buffer.from(text.slice(1), 'latin1').equals(sent)).toBe(true);
  });

  it('loses and reorders nothing, whenever the stream is paused and resumed', async () => {
    await fc.assert(
      fc.asyncProperty(transfers, async (begin) => {
        const { near, far } = await plainPair();
        const { sent, came } = begin();
        const ear = new Ear().on(far);
        ear.each = () => came(far);
        far.resume();
        for (const one of sent) near.write(one);
        const all = Buffer.concat(sent);
        expect(Buffer.from(await ear.heard(all.length), 'latin1').equals(all)).toBe(true);
        near.destroy();
        far.destroy();
      }),
      { numRuns: 25 },
    );
  });

  it('tells the end behind the last bytes', async () => {
    const { near, far } = await plainPair();
    const ear = new Ear().on(far);
    far.resume();
    near.end('last words');
    await once(far, 'end');
    expect(ear.text).toBe('last words');
  });

  it('hears a socket by its events where Node does not call its push', async () => {
    const { near, far } = await plainPair();
    const ear = new Ear().on(far);
    // What a Node that calls another's push does: the socket's own one is never asked.
    far.push = Duplex.prototype.push;
    far.resume();
    near.end('as ever');
    await once(far, 'end');
    expect(ear.text).toBe('as ever');
    expect(ear.events).toBe(1);
  });

  it('touches no socket where it is turned off', async () => {
    const { far } = await plainPair();
    new Ear().on(far);
    const off = process.env.ANTHROPIC_ERROR_PLUGIN_FAST_READ === 'off';
    expect(fastReads).toBe(!off);
    expect(Object.hasOwn(far, 'push')).toBe(!off);
  });

  it('hears streams that are no sockets by their events', async () => {
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const ear = new Ear().on(stream);
    stream.resume();
    stream.push('by event');
    expect(await ear.heard(8)).toBe('by event');
    expect(ear.events).toBe(1);
  });
});

describe('detachReader', () => {
  it('gives a socket to the next one whole', async () => {
    const { near, far } = await plainPair();
    const before = new Ear().on(far);
    far.resume();
    near.write('before');
    await before.heard(6);
    far.pause();
    near.write(' between');
    while (far.readableLength < 8) await new Promise(setImmediate);
    detachReader(far);
    let after = '';
    far.on('data', (chunk: Buffer) => {
      after += chunk.toString('latin1');
    });
    far.resume();
    near.end(' after');
    await once(far, 'end');
    expect(before.text).toBe('before');
    expect(after).toBe(' between after');
  });
});

/** The small parts of a tunnel, each on its own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../../src/grpc/tunnel/byte-queue.ts';
import { RecordEnds } from '../../../src/grpc/tunnel/record-ends.ts';
import { readRounds } from '../../../src/grpc/tunnel/server-flight.ts';
import { Stimulus } from '../../../src/grpc/tunnel/stimulus.ts';
import { type Moment, turnOf } from '../../../src/grpc/tunnel/turn.ts';
import { WriteBlock } from '../../../src/grpc/tunnel/write-block.ts';

const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

describe('RecordEnds', () => {
  it('finds the chunks in which a record ends, however the records are cut', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 10 }), (payloads, places) => {
        const ends: number[] = [];
        let length = 0;
        const records = payloads.map((payload) => {
          length += 5 + payload.length;
          ends.push(length);
          return Buffer.from([23, 3, 3, payload.length >> 8, payload.length & 255, ...payload]);
        });
        const bytes = Buffer.concat(records);
        const cuts = [...new Set(places.map((place) => place % (length + 1)))].sort((a, b) => a - b);
        const edges = [0, ...cuts, length];
        const reader = new RecordEnds();
        for (let i = 1; i < edges.length; i++) {
          const [from, to] = [edges[i - 1]!, edges[i]!];
          const within = ends.some((end) => end > from && end <= to);
          expect(reader.see(bytes.subarray(from, to))).toBe(within);
        }
      }),
    );
  });
});

describe('WriteBlock', () => {
  it('gives each byte of a block that grows once', () => {
    const block = new WriteBlock();
    expect(block.fresh(Buffer.from('ab')).toString()).toBe('ab');
    expect(block.fresh(Buffer.from('abcd')).toString()).toBe('cd');
    expect(block.fresh(Buffer.from('abcd')).toString()).toBe('');
  });

  it('takes what comes behind a dropped block for new, even when it reads the same', () => {
    const block = new WriteBlock();
    block.fresh(Buffer.from('ab'));
    block.dropped();
    expect(block.fresh(Buffer.from('abc')).toString()).toBe('abc');
  });

  it('takes a block that is not the last one grown for another', () => {
    const block = new WriteBlock();
    block.fresh(Buffer.from('abcd'));
    expect(block.fresh(Buffer.from('abx')).toString()).toBe('abx');
  });
});

describe('ByteQueue', () => {
  it('gives back what was put in, in portions of any size', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(60), { maxLength: 12 }), (chunks, portions) => {
        const queue = new ByteQueue();
        const whole = Buffer.concat(chunks);
        for (const chunk of chunks) queue.push(Buffer.from(chunk));
        expect(queue.length).toBe(whole.length);
        const taken = [...portions.map((count) => queue.take(count)), queue.take()];
        expect(Buffer.concat(taken).equals(whole)).toBe(true);
        expect(queue.length).toBe(0);
      }),
    );
  });
});

describe('readRounds', () => {
  const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
  const SUPPORTED_VERSIONS = Buffer.from('002b00020304', 'hex');
  const KEY_SHARE = Buffer.from('003300020017', 'hex');
  const hello = (random: Buffer, ...extensions: readonly Buffer[]): Buffer => {
    const more = Buffer.concat(extensions);
    const body = Buffer.concat([
      Buffer.from([3, 3]),
      random,
      Buffer.from([4, 1, 2, 3, 4, 0x13, 0x01, 0, more.length >> 8, more.length & 255]),
      more,
    ]);
    const message = Buffer.concat([Buffer.from([2, 0, body.length >> 8, body.length & 255]), body]);
    return Buffer.concat([Buffer.from([22, 3, 3, 0, message.length]), message]);
  };
  const random = Buffer.alloc(32, 7);

  it.each([
    ['TLS 1.3', hello(random, KEY_SHARE, SUPPORTED_VERSIONS), 'one'],
    ['TLS 1.2', hello(random, KEY_SHARE), 'two'],
    ['TLS 1.2 without extensions', hello(random), 'two'],
    ['HelloRetryRequest', hello(RETRY, SUPPORTED_VERSIONS), 'two'],
    ['an alert', Buffer.from([21, 3, 3, 0, 2, 2, 40]), 'none'],
    ['no TLS', Buffer.from('SSH-2.0-x'), 'none'],
    ['another handshake message', Buffer.from([22, 3, 3, 0, 4, 14, 0, 0, 0]), 'none'],
    ['a ServerHello of no length', Buffer.from([22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3]), 'none'],
  ])('%s', (_, bytes, rounds) => {
    expect(readRounds(bytes)).toBe(rounds);
  });

  it('asks for more until the ServerHello is there', () => {
    const bytes = hello(random, SUPPORTED_VERSIONS);
    for (let length = 0; length < bytes.length; length++)
      expect(readRounds(bytes.subarray(0, length)), `${length} bytes`).toBe('more');
    expect(readRounds(Buffer.concat([bytes, Buffer.alloc(100, 23)]))).toBe('one');
  });
});

describe('Stimulus', () => {
  const ANSWER = 'HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n';

  it('is a HEAD without credentials, whose answer has no body', () => {
    const stimulus = new Stimulus('api.anthropic.com');
    expect(stimulus.whole(false)).toBe('HEAD / HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
    expect(stimulus.due).toBe(1);
    const bytes = Buffer.from(`${ANSWER}HTTP/1.1 200 OK\r\n`);
    expect(stimulus.swallow(bytes)).toBe(ANSWER.length);
    expect(stimulus.due).toBe(0);
  });

  it('swallows answers in any pieces, and those before the last that are no answers yet', () => {
    const stimulus = new Stimulus('h');
    stimulus.whole(false);
    stimulus.whole(true);
    const bytes = Buffer.from(`HTTP/1.1 103 Early Hints\r\n\r\n${ANSWER}${ANSWER}rest`);
    let swallowed = 0;
    for (const byte of bytes) swallowed += stimulus.swallow(Buffer.from([byte]));
    expect(swallowed).toBe(bytes.length - 'rest'.length);
    expect(stimulus.due).toBe(0);
  });

  it('can be stretched, ends before a server would refuse it, and is one request all the same', () => {
    const stimulus = new Stimulus('h');
    let text = stimulus.more();
    expect(stimulus.open).toBe(true);
    for (let i = 0; stimulus.open && i < 1_000; i++) text += stimulus.more();
    expect(stimulus.open).toBe(false);
    expect(stimulus.due).toBe(1);
    expect(text).toMatch(/^HEAD \/ HTTP\/1\.1\r\nHost: h\r\nX-Pad: a+\r\n\r\n$/);
    expect(text.length).toBeLessThan(8_000);
  });

  it('says when what it hears is no answer', () => {
    const stimulus = new Stimulus('h');
    stimulus.whole(false);
    expect(() => stimulus.swallow(Buffer.from('SSH-2.0-x\r\n\r\n'))).toThrow();
  });
});

describe('turnOf', () => {
  const AT_REST: Moment = {
    ...{ gone: false, ended: false, owed: 0, secured: true, lastFlight: false },
    ...{ call: 'none', progress: undefined, unheard: false, closing: false },
  };
  const progress = (forwarded: boolean, sent: boolean, hung = false) =>
    ({ forwarded, sent, hung }) as NonNullable<Moment['progress']>;

  it.each<[string, Partial<Moment>, string]>([
    ['between calls', {}, 'client'],
    ['before the handshake', { secured: false }, 'client'],
    ['our flight lies ready', { secured: false, owed: 1 }, 'tick'],
    ['the last flight of TLS 1.2 lies ready', { owed: 1, lastFlight: true }, 'tick'],
    ['tickets alone lie ready', { owed: 1 }, 'client'],
    ['an answer lies ready', { owed: 1, unheard: true }, 'tick'],
    ['the engine is about to close', { closing: true }, 'ours'],
    ['a request comes in', { call: 'reading', progress: progress(true, false) }, 'client'],
    ['a request waits for 100, which lies ready', { call: 'expecting', owed: 1 }, 'tick'],
    ['the upstream decides on 100', { call: 'expecting', progress: progress(true, false) }, 'upstream'],
    ['nobody has forwarded it', { call: 'expecting', progress: progress(false, false) }, 'ours'],
    ['a request is held', { call: 'read', progress: progress(false, false) }, 'ours'],
    ['a request is on its way', { call: 'read', progress: progress(true, false) }, 'ours'],
    ['a request is sent', { call: 'read', progress: progress(true, true) }, 'upstream'],
    ['a fault hangs', { call: 'read', progress: progress(true, true, true) }, 'tick'],
    ['the end lies ready', { ended: true, owed: 1 }, 'end'],
    ['the client has heard all', { ended: true }, 'bye'],
    ['the client left, whatever lies ready', { gone: true, owed: 9, unheard: true }, 'bye'],
  ])('%s', (_, moment, turn) => {
    expect(turnOf({ ...AT_REST, ...moment })).toBe(turn);
  });
});

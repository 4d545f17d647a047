import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legalStream } from '../../../test/support/streams.ts';
import { SseDecoder } from '../sse/decode.ts';
import { encodeEvent } from '../sse/encode.ts';
import { DeltaRun } from './delta-run.ts';

const delta = (text: string): string =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}\n\n`;

function find(text: string | Buffer, at = 0, most = Number.POSITIVE_INFINITY): [end: number, count: number] {
  const run = new DeltaRun();
  const bytes = Buffer.from(text);
  return [run.find(bytes, at, bytes.length, most), run.count];
}

describe('DeltaRun', () => {
  it('finds deltas of every length, up to the last byte', () => {
    for (let length = 0; length < 40; length++) {
      const one = delta('x'.repeat(length));
      expect(find(one)).toEqual([one.length, 1]);
      expect(find(one + one + one)).toEqual([3 * one.length, 3]);
      expect(find(`${one}${one}event: ping\n`)).toEqual([2 * one.length, 2]);
    }
  });

  it('stops after as many as it may pass over, and begins where it is told', () => {
    const one = delta('é');
    const bytes = Buffer.byteLength(one);
    expect(find(one.repeat(5), 0, 2)).toEqual([2 * bytes, 2]);
    expect(find(one.repeat(5), bytes, 2)).toEqual([3 * bytes, 2]);
    expect(find(one.repeat(5), bytes, 0)).toEqual([bytes, 0]);
  });

  it('looks at nothing behind its end', () => {
    const one = delta('abc');
    const run = new DeltaRun();
    const bytes = Buffer.from(one + one);
    for (let end = 0; end <= bytes.length; end++) {
      const whole = Math.floor(end / one.length);
      expect([run.find(bytes, 0, end), run.count]).toEqual([whole * one.length, whole]);
    }
  });

  it.each([
    [
      'an event of another name',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    ],
    ['a longer name', 'event: content_block_deltas\ndata: {}\n\n'],
    ['no data', 'event: content_block_delta\n\n'],
    ['a line more', 'event: content_block_delta\ndata: {}\nid: 1\n\n'],
    ['a second line of data', 'event: content_block_delta\ndata: {\ndata: }\n\n'],
    ['a field whose name begins alike', 'event: content_block_delta\ndatum: {}\n\n'],
    ['a CR for a line end', 'event: content_block_delta\ndata: {}\r\n\n'],
    ['a CR within the data', 'event: content_block_delta\ndata: {\rdata: }\n\n'],
    ['an unfinished frame', 'event: content_block_delta\ndata: {}\n'],
    ['nothing', ''],
  ])('leaves alone %s', (_, text) => {
    expect(find(text)).toEqual([0, 0]);
    expect(find(delta('a') + text)).toEqual([delta('a').length, 1]);
  });

  it('passes over what the decoder would give, and nothing else', () => {
    const other = fc.constantFrom(': comment\n\n', 'event: ping\ndata: {}\n\n', 'data: x\n\n', '\n', 'x');
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme' }).map(delta) },
      other,
      legalStream.map((events) => Buffer.concat(events.map(({ raw }) => raw)).toString()),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.nat({ max: 5 }), fc.nat({ max: 3 }), (pieces, most, cut) => {
        const whole = Buffer.from(pieces.join(''));
        const bytes = whole.subarray(0, Math.max(0, whole.length - cut));
        const run = new DeltaRun();
        // The decoder calls a first frame its own: a byte order mark may stand before it.
        const frames = new SseDecoder().push(Buffer.concat([encodeEvent('ping', '{}').raw, bytes])).slice(1);
        let at = 0;
        let next = 0;
        while (next < frames.length) {
          const end = run.find(bytes, at, bytes.length, most);
          const passed = frames.slice(next, next + run.count);
          expect(passed.length).toBe(run.count);
          expect(passed.every(({ name, hasData }) => name === 'content_block_delta' && hasData)).toBe(true);
          expect(end).toBe(at + passed.reduce((sum, { raw }) => sum + raw.length, 0));
          next += run.count;
          at = end;
          const shown = frames[next++];
          at += shown?.raw.length ?? 0;
        }
      }),
      { numRuns: 300 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseDecoder } from './decode.ts';
import { encodeEvent, newlineOf, withData } from './encode.ts';

const newline = fc.constantFrom('\n', '\r', '\r\n' as const);

describe('encodeEvent', () => {
  it('writes what the Messages API writes', () => {
    expect(encodeEvent('ping', '{"type": "ping"}').raw.toString()).toBe(
      'event: ping\ndata: {"type": "ping"}\n\n',
    );
  });

  it('leaves out what is not there', () => {
    expect(encodeEvent(undefined, 'x').raw.toString()).toBe('data: x\n\n');
    expect(encodeEvent('x', undefined).raw.toString()).toBe('event: x\n\n');
  });

  it('is undone by the decoder', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !/^ |[\r\n\uFEFF]/.test(s));
    fc.assert(
      fc.property(word, fc.array(word), newline, (name, lines, nl) => {
        const data = lines.join('\n');
        const [frame, ...more] = new SseDecoder().push(encodeEvent(name, data, nl).raw);
        expect(more).toEqual([]);
        expect([frame?.name, frame?.data]).toEqual([name, data]);
      }),
    );
  });

  it('cannot be used to smuggle a line in', () => {
    expect(encodeEvent('a\ndata: 1', 'x').name).toBe('a data: 1');
  });
});

describe('withData', () => {
  it('keeps name and line ends', () => {
    fc.assert(
      fc.property(newline, (nl) => {
        const event = encodeEvent('a', 'x', nl);
        expect(newlineOf(event)).toBe(nl);
        expect(withData(event, 'y').raw.toString()).toBe(`event: a${nl}data: y${nl}${nl}`);
      }),
    );
  });
});

import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES, SseDecoder } from './decode.ts';
import type { SseFrame } from './frame.ts';
import { hasData } from './frame.ts';

const BOM = '\uFEFF';

interface Decoded {
  readonly frames: readonly { raw: string; name: string | undefined; data: string | undefined }[];
  readonly rest: string;
}

function decode(...chunks: (string | Uint8Array)[]): Decoded {
  const decoder = new SseDecoder();
  const frames = chunks.flatMap((chunk) => [
    ...decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
  ]);
  return {
    frames: frames.map(({ raw, name, data }) => ({ raw: raw.toString('latin1'), name, data })),
    rest: decoder.rest().toString('latin1'),
  };
}

function fields(text: string): (readonly [string | undefined, string | undefined])[] {
  return decode(text).frames.map(({ name, data }) => [name, data] as const);
}

/** Cuts `bytes` at each of the places (taken modulo its length). */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...at, bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}

const lineEnd = fc.constantFrom('\n', '\r', '\r\n');
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', ' ', ': x', 'é', '你好', '🙂', BOM, '\0'),
);
const line = fc.oneof(
  { weight: 4, arbitrary: text.map((value) => `data: ${value}`) },
  { weight: 2, arbitrary: text.map((value) => `event:${value}`) },
  { weight: 4, arbitrary: fc.constant('') },
  text.map((value) => `:${value}`),
  fc.constantFrom('data', 'event', 'id: 4', 'retry: 10', 'eventx: 1', 'datum: 2', 'dat', 'event : a'),
  text,
);
/** Lines of any sort with line ends of any sort, so also things that no server sends. */
const stream = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(line, lineEnd), { maxLength: 24 }), line)
  .map(([mark, lines, last]) => Buffer.from((mark ? BOM : '') + lines.flat().join('') + last));

describe('SseDecoder', () => {
  it('reads a frame of the Messages API', () => {
    const data = '{"type":"ping"}';
    expect(decode(`event: ping\ndata: ${data}\n\n`)).toEqual({
      frames: [{ raw: `event: ping\ndata: ${data}\n\n`, name: 'ping', data }],
      rest: '',
    });
  });

  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('takes %s as line end and gives each event as soon as its blank line is there', (_, nl) => {
    const decoder = new SseDecoder();
    const seen: number[] = [];
    const bytes = Buffer.from(`event: a${nl}data: 1${nl}${nl}data: 2${nl}${nl}`);
    for (let i = 0; i < bytes.length; i++) {
      for (const frame of decoder.push(bytes.subarray(i, i + 1))) {
        seen.push(i + 1);
        expect(frame.raw.toString().endsWith(nl + nl)).toBe(true);
      }
    }
    expect(seen).toEqual([`event: a${nl}data: 1${nl}${nl}`.length, bytes.length]);
    expect(decoder.rest()).toHaveLength(0);
  });

  it('ends a frame where people would, also in mixed streams', () => {
    const raws = (text: string) => decode(text).frames.map(({ raw }) => raw);
    // Before the first line end is known, a CR waits for its LF.
    expect(raws('\r\ndata: 1\r\n\r\n')).toEqual(['\r\n', 'data: 1\r\n\r\n']);
    // Behind a line with LF, a blank line's CR does not wait: the event is not held back.
    expect(raws('data: 1\r\n\r\ndata: 2\n\r')).toEqual(['data: 1\r\n\r\n', 'data: 2\n\r']);
    expect(raws('data: 1\n\r\ndata: 2\n\n')).toEqual(['data: 1\n\r', '\ndata: 2\n\n']);
  });

  it('joins several data lines, ignores what it does not know and keeps comments in the frame', () => {
    expect(fields(': hello\ndata: a\nid: 7\ndata:  b\ndata\n\n')).toEqual([[undefined, 'a\n b\n']]);
    expect(fields('data:x\nevent: one\nevent: two\n\n')).toEqual([['two', 'x']]);
    expect(fields(': only a comment\n\n')).toEqual([[undefined, undefined]]);
    expect(fields('event: lonely\n\n')).toEqual([['lonely', undefined]]);
    expect(fields('data:\n\n')).toEqual([[undefined, '']]);
  });

  it('knows a frame that no client sees', () => {
    const decoder = new SseDecoder();
    const frames = decoder.push(Buffer.from(': c\n\nevent: a\n\ndata\n\n'));
    expect(frames.map(hasData)).toEqual([false, false, true]);
  });

  it('skips a byte order mark at the start, and only there', () => {
    expect(fields(`${BOM}data: 1\n\n${BOM}data: 2\n\n`)).toEqual([
      [undefined, '1'],
      [undefined, undefined],
    ]);
    expect(decode(`${BOM}\ndata: 1\n\n`).frames).toHaveLength(2);
  });

  it('gives back what is left of an unfinished frame', () => {
    expect(decode('data: 1\n\ndata: 2\n')).toMatchObject({ frames: [{ data: '1' }], rest: 'data: 2\n' });
  });

  it('does not copy a frame that lies in one chunk', () => {
    const chunk = Buffer.from('data: 1\n\ndata: 2\n\n');
    const frames = new SseDecoder().push(chunk);
    expect(frames.map((frame) => frame.raw.buffer === chunk.buffer)).toEqual([true, true]);
  });

  it('takes a Uint8Array that is no Buffer', () => {
    expect(decode(new TextEncoder().encode('data: ü\n\n')).frames[0]?.data).toBe('ü');
  });

  it('gives up on a frame beyond the limit and loses no byte of it', () => {
    const decoder = new SseDecoder(10);
    expect(decoder.push(Buffer.from('data: 1\n\ndata: 234'))).toHaveLength(1);
    expect(decoder.overflowed).toBe(false);
    expect(decoder.push(Buffer.from('567\n\ndata: 8\n\n'))).toHaveLength(2);
    decoder.push(Buffer.from('data: 90123'));
    expect(decoder.overflowed).toBe(true);
    expect(decoder.push(Buffer.from('4\n\n'))).toHaveLength(0);
    expect(decoder.rest().toString()).toBe('data: 901234\n\n');
    expect(MAX_FRAME_BYTES).toBe(16 * 1024 * 1024);
  });

  it('decodes the same however the stream is cut, and loses no byte', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
        const whole = decode(bytes);
        expect(decode(...cut(bytes, places))).toEqual(whole);
        expect(whole.frames.map((frame) => frame.raw).join('') + whole.rest).toBe(bytes.toString('latin1'));
      }),
      { numRuns: 1500 },
    );
  });

  it('decodes the same byte by byte', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        expect(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(decode(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('understands what eventsource-parser understands', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 6 }), (bytes, places) => {
        // The peer waits for what follows a last CR: an unfinished comment makes both see the same end.
        const ended = Buffer.concat([bytes, Buffer.from('\n:')]);
        expect(ours(cut(ended, places))).toEqual(theirs(ended));
      }),
      { numRuns: 1500 },
    );
  });
});

function ours(chunks: readonly Buffer[]): EventSourceMessage[] {
  const decoder = new SseDecoder();
  const frames: SseFrame[] = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return frames.filter(hasData).map((frame) => ({
    id: undefined,
    event: frame.name || undefined,
    data: frame.data!,
  }));
}

function theirs(bytes: Buffer): EventSourceMessage[] {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push({ ...message, id: undefined }) });
  parser.feed(new TextDecoder().decode(bytes));
  return messages;
}

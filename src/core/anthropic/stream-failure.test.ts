import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseDecoder } from '../sse/decode.ts';
import { failureOf, StreamFailureScan } from './stream-failure.ts';

const OVERLOADED =
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
const DELTA = 'event: content_block_delta\ndata: {"delta":{"text":"\\nevent: error"}}\n\n';

function scan(...pieces: readonly string[]): string | undefined {
  const scan = new StreamFailureScan();
  // Each piece with strange bytes on both sides: only what lies between is the stream.
  for (const piece of pieces) {
    const bytes = Buffer.from(`\nevent: error\n${piece}\nevent: error\ndata: {}\n\n`);
    scan.arrives(bytes, 0);
    scan.data(bytes, 14, 14 + Buffer.byteLength(piece));
  }
  return scan.failure;
}

/** The same with all pieces in one chunk, framed as HTTP does. */
function scanFramed(...pieces: readonly string[]): string | undefined {
  const scan = new StreamFailureScan();
  const chunk = Buffer.from(pieces.map((piece) => `1f\r\n${piece}\r\n`).join(''));
  scan.arrives(chunk, 0);
  let at = 0;
  for (const piece of pieces) {
    scan.data(chunk, at + 4, at + 4 + piece.length);
    at += piece.length + 6;
  }
  return scan.failure;
}

/** What a full decoder finds. */
function decoded(stream: string): string | undefined {
  for (const frame of new SseDecoder().push(Buffer.from(stream))) {
    const failure = failureOf(frame);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

describe('StreamFailureScan', () => {
  it.each([
    ['first', OVERLOADED, 'overloaded_error'],
    ['later', DELTA + OVERLOADED, 'overloaded_error'],
    ['with CRLF', (DELTA + OVERLOADED).replaceAll('\n', '\r\n'), 'overloaded_error'],
    ['of no known type', 'event: error\ndata: {"error":{"type":"My secret"}}\n\n', 'error'],
    ['not JSON', 'event: error\ndata: oops\n\n', 'error'],
    ['without data', 'event: error\n\n', undefined],
    ['unfinished', OVERLOADED.slice(0, -1), undefined],
    ['another event', 'event: errors\ndata: {}\n\n', undefined],
    ['in a text', DELTA, undefined],
    ['in a comment', ':\nevent: error\n\nevent: ping\ndata: event: error\n\n', undefined],
    ['behind a like one', `event: errors\ndata: {}\n\n${OVERLOADED}`, 'overloaded_error'],
    ['the first of two', OVERLOADED + OVERLOADED.replace('overloaded', 'api'), 'overloaded_error'],
  ])('an error %s', (_, stream, type) => {
    expect(scan(stream)).toBe(type);
    expect(scan(...stream)).toBe(type);
    expect(scanFramed(...stream)).toBe(type);
  });

  it('finds what a full decoder finds, however the stream is cut', () => {
    const block = fc.constantFrom(
      OVERLOADED,
      DELTA,
      'event: error\n\n',
      'event: errand\ndata: 1\n\n',
      'event: ping\ndata: {"type": "ping"}\n\n',
      ': comment\n\n',
      '\n',
      'event: err',
      'event: error\ndata: {"error":{"type":"api_error"}}\n\n',
    );
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        (blocks, places, crlf) => {
          const stream = crlf ? blocks.join('').replaceAll('\n', '\r\n') : blocks.join('');
          const at = [...new Set(places.map((place) => place % (stream.length + 1)))].sort((a, b) => a - b);
          const edges = [0, ...at, stream.length];
          const cut = edges.slice(1).map((end, i) => stream.slice(edges[i], end));
          expect(scan(...cut)).toBe(decoded(stream));
          expect(scanFramed(...cut)).toBe(decoded(stream));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('goes on behind a frame that is too large for an error', () => {
    const begun = `event: error\n:${'x'.repeat(70_000)}`;
    const end = '\n\n';
    expect(scan(begun, end, OVERLOADED.slice(0, 20), OVERLOADED.slice(20))).toBe('overloaded_error');
    expect(scan(begun, end + OVERLOADED)).toBe('overloaded_error');
    expect(scan(begun + end + OVERLOADED)).toBe('overloaded_error');
    // Its own end, however late, is not taken for an error's.
    expect(scan(begun, `\ndata: {}${end}`)).toBeUndefined();
  });
});

/** Answers of every sort that a client may be owed when its connection ends. */
import zlib from 'node:zlib';
import { streamEvent } from '../../../src/core/anthropic/stream-edit.ts';
import { encodeEvent } from '../../../src/core/sse/encode.ts';

export interface OwedAnswer {
  readonly name: string;
  /** What the rules do to the call. */
  readonly faults?: readonly unknown[];
  /** What the upstream writes, in two goes; undefined: it is not asked. */
  readonly parts: readonly [string | Buffer, string | Buffer] | undefined;
  readonly status: number;
  /** The body; undefined: whatever the answer's own framing makes of it. */
  readonly body?: string;
  /** The upstream's end is the answer's end. */
  readonly untilEnd?: true;
  /** Nothing of it goes out before the upstream has said all. */
  readonly held?: true;
  /** A wait of ours runs before it. */
  readonly waits?: true;
}

/** A wait that no busy machine outlasts: the clock of the calls ends it, when the upstream would be let go on. */
export const HOUR_MS = 3_600_000;

const LENGTH = 30_000;
const TEXT = 'abcdefghij'.repeat(LENGTH / 10);
const HALF = LENGTH / 2;
const plainHead = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${LENGTH}\r\n\r\n`;

function chunk(bytes: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), Buffer.from(bytes as string), CRLF]);
}
const CRLF = Buffer.from('\r\n');
const LAST = Buffer.from('0\r\n\r\n');

const EVENTS = [
  streamEvent({ type: 'message_start', message: { type: 'message', usage: { output_tokens: 1 } } }),
  streamEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ...Array.from({ length: 12 }, (_, i) =>
    streamEvent({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: `word${i} `.repeat(40) },
    }),
  ),
  streamEvent({ type: 'content_block_stop', index: 0 }),
  streamEvent({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 12 } }),
  streamEvent({ type: 'message_stop' }),
].map(({ name, data }) => Buffer.from(encodeEvent(name, data, '\n').raw));
const SSE = Buffer.concat(EVENTS).toString();

function sseParts(coding: 'gzip' | undefined): [Buffer, Buffer] {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${coding ? `Content-Encoding: ${coding}\r\n` : ''}Transfer-Encoding: chunked\r\n\r\n`;
  const some = Buffer.concat(EVENTS.slice(0, 6));
  const more = Buffer.concat(EVENTS.slice(6));
  if (!coding) return [Buffer.concat([Buffer.from(head), chunk(some)]), Buffer.concat([chunk(more), LAST])];
  const first = zlib.gzipSync(some);
  const second = zlib.gzipSync(more);
  return [Buffer.concat([Buffer.from(head), chunk(first)]), Buffer.concat([chunk(second), LAST])];
}

/** A filter that lets all of the stream pass, but has to read it. */
const READER = { kind: 'stream-cut', after: { events: 1000 } };

export const ANSWERS: readonly OwedAnswer[] = [
  {
    name: 'of known length',
    parts: [plainHead + TEXT.slice(0, HALF), TEXT.slice(HALF)],
    status: 200,
    body: TEXT,
  },
  {
    name: 'in chunks',
    parts: [
      Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
        chunk(TEXT.slice(0, HALF)),
      ]),
      Buffer.concat([chunk(TEXT.slice(HALF)), LAST]),
    ],
    status: 200,
    body: TEXT,
  },
  {
    name: 'until the end',
    parts: [`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${TEXT.slice(0, HALF)}`, TEXT.slice(HALF)],
    status: 200,
    body: TEXT,
    untilEnd: true,
  },
  {
    name: 'throttled',
    faults: [{ kind: 'bandwidth', down: '6MB' }],
    parts: [plainHead + TEXT.slice(0, HALF), TEXT.slice(HALF)],
    status: 200,
    body: TEXT,
    waits: true,
  },
  {
    name: 'throttled, until the end',
    faults: [{ kind: 'bandwidth', down: '6MB' }],
    parts: [`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${TEXT.slice(0, HALF)}`, TEXT.slice(HALF)],
    status: 200,
    body: TEXT,
    untilEnd: true,
    waits: true,
  },
  {
    name: 'with its head delayed',
    faults: [{ kind: 'latency', delay: '40ms', at: 'head' }],
    parts: [plainHead + TEXT.slice(0, HALF), TEXT.slice(HALF)],
    status: 200,
    body: TEXT,
    waits: true,
  },
  { name: 'filtered', faults: [READER], parts: sseParts(undefined), status: 200, body: SSE },
  { name: 'decoded', faults: [READER], parts: sseParts('gzip'), status: 200, body: SSE },
  {
    name: 'slowed event by event',
    faults: [{ kind: 'slow-stream', tokens_per_second: 8000 }],
    parts: sseParts('gzip'),
    status: 200,
    body: SSE,
    waits: true,
  },
  {
    name: 'rewritten',
    faults: [{ kind: 'body-huge', size: '40KiB' }],
    parts: ['HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a"', ': 1}'],
    status: 200,
    held: true,
  },
  { name: 'injected', faults: [{ kind: 'http-error', name: 'overloaded' }], parts: undefined, status: 529 },
  {
    name: 'injected after a while',
    faults: [
      { kind: 'latency', delay: `${HOUR_MS}ms` },
      { kind: 'http-error', name: 'overloaded' },
    ],
    parts: undefined,
    status: 529,
    waits: true,
  },
  {
    name: 'injected on a connection accepted slowly',
    faults: [{ kind: 'slow-accept', delay: '40ms' }],
    parts: [plainHead + TEXT.slice(0, HALF), TEXT.slice(HALF)],
    status: 200,
    body: TEXT,
  },
];

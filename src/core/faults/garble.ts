/** The ways to spoil single events of a stream, each as what goes out instead. Pure; `stream-garble.ts` chooses the event. */
import { indexOf, readData } from '../anthropic/stream.ts';
import { editData } from '../anthropic/stream-edit.ts';
import type { StreamOp } from '../effect.ts';
import { encodeEvent, newlineOf } from '../sse/encode.ts';
import type { SseEvent } from '../sse/event.ts';

/** Spoils one event; undefined when there is nothing in it to spoil. */
export type Garbling = (event: SseEvent) => readonly StreamOp[] | undefined;

/** Every way that concerns one event by itself. (`reorder` concerns two and is not here.) */
export const GARBLINGS = {
  /** The data stops half-way and is no JSON any more. */
  'broken-json': (event) => {
    if (readData(event) === undefined) return undefined;
    const data = event.data!.trim();
    return [emit(encodeEvent(event.name, data.slice(0, data.length >> 1), newlineOf(event)))];
  },
  /** A UTF-8 lead byte without its continuation, before the last quotation mark. */
  'broken-utf8': (event) => {
    const at = event.raw.lastIndexOf(0x22);
    if (at === -1) return undefined;
    return [bytes(Buffer.concat([event.raw.subarray(0, at), Buffer.of(0xc3), event.raw.subarray(at)]))];
  },
  /** An event of an unknown type comes first; the event itself is untouched. */
  'unknown-event': (event) => [
    emit(encodeEvent('unexpected_event', '{"type":"unexpected_event"}', newlineOf(event))),
    emit(event),
  ],
  /** A delta of an unknown type comes first, for the same block; the event itself is untouched. */
  'unknown-delta': (event) => {
    const index = indexOf(readData(event));
    if (index === undefined) return undefined;
    const data = { type: 'content_block_delta', index, delta: { type: 'unexpected_delta', value: '' } };
    return [emit(encodeEvent(data.type, JSON.stringify(data), newlineOf(event))), emit(event)];
  },
  /** The `event:` line is missing: clients that go by the name do not see the event. */
  'no-name': (event) => {
    if (event.name === undefined) return undefined;
    return [emit(encodeEvent(undefined, event.data, newlineOf(event)))];
  },
  /** The event speaks of a content block that was never opened. */
  'wrong-index': (event) => {
    const index = indexOf(readData(event));
    if (index === undefined) return undefined;
    return [
      emit(
        editData(event, (data) => {
          data.index = index + 1000;
        }),
      ),
    ];
  },
  /** The event comes twice. */
  duplicate: (event) => [emit(event), emit(event)],
  /** The event does not come. */
  drop: () => [],
  /** The blank line is missing, so that a client reads this event and the next as one with two data lines. */
  glue: (event) => [bytes(event.raw.subarray(0, event.raw.length - newlineOf(event).length))],
  /** Every line ends with CRLF: legal, and no client should mind. */
  crlf: (event) => {
    const text = Buffer.from(event.raw)
      .toString('latin1')
      .replace(/\r\n|\r|\n/g, '\r\n');
    return [emit({ raw: Buffer.from(text, 'latin1'), name: event.name, data: event.data })];
  },
} satisfies Record<string, Garbling>;

function emit(event: SseEvent): StreamOp {
  return { op: 'emit', event };
}

function bytes(raw: Uint8Array): StreamOp {
  return { op: 'bytes', bytes: raw };
}

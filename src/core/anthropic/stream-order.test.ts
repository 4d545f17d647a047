import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legalStream } from '../../../test/support/streams.ts';
import { encodeEvent } from '../sse/encode.ts';
import type { SseEvent } from '../sse/event.ts';
import { streamEvent } from './stream-edit.ts';
import { StreamOrder } from './stream-order.ts';

const start = streamEvent({ type: 'message_start', message: {} });
const open = (index: number, type = 'text') =>
  streamEvent({ type: 'content_block_start', index, content_block: { type } });
const delta = (index: number, type = 'text_delta') =>
  streamEvent({ type: 'content_block_delta', index, delta: { type, text: 'a' } });
const stop = (index: number) => streamEvent({ type: 'content_block_stop', index });
const end = streamEvent({ type: 'message_delta', delta: {} });
const last = streamEvent({ type: 'message_stop' });
const ping = streamEvent({ type: 'ping' });
const error = streamEvent({ type: 'error', error: {} });

/** The first complaint, with the number of the event that it is about. */
function check(...events: SseEvent[]): string | undefined {
  const order = new StreamOrder();
  for (const [i, event] of events.entries()) {
    const wrong = order.accept(event);
    if (wrong !== undefined) return `${i}: ${wrong}`;
  }
  return order.finish();
}

describe('StreamOrder', () => {
  it('accepts whole messages', () => {
    expect(
      check(start, ping, open(0), ping, delta(0), stop(0), open(1), stop(1), end, end, ping, last),
    ).toBeUndefined();
    expect(check(start, end, last)).toBeUndefined();
    fc.assert(fc.property(legalStream, (events) => void expect(check(...events)).toBeUndefined()));
  });

  it.each<[string, readonly SseEvent[]]>([
    ['ended without message_stop (empty)', []],
    ['ended without message_stop (closing)', [start, end]],
    ['ended without message_stop (failed)', [start, open(0), error]],
    ['0: content_block_start before message_start', [open(0)]],
    ['0: message_delta before message_start', [end]],
    ['1: a second message_start', [start, start]],
    ['1: block 1 opened where 0 was due', [start, open(1)]],
    ['2: block 1 opened inside block 0', [start, open(0), open(1)]],
    ['1: content_block_delta for block 0, which is not open', [start, delta(0)]],
    ['2: content_block_delta for block 1, which is not open', [start, open(0), delta(1)]],
    ['2: content_block_stop for block 1, which is not open', [start, open(0), stop(1)]],
    ['2: input_json_delta in a block of type text', [start, open(0), delta(0, 'input_json_delta')]],
    ['2: text_delta in a block of type constructor', [start, open(0, 'constructor'), delta(0)]],
    ['2: message_delta inside block 0', [start, open(0), end]],
    ['1: message_stop without message_delta', [start, last]],
    ['2: content_block_start after message_delta', [start, end, open(0)]],
    ['3: ping after message_stop', [start, end, last, ping]],
    ['1: message_start after error', [error, start]],
    ['1: unknown event surprise', [start, streamEvent({ type: 'surprise' })]],
    ['1: event name undefined but type ping', [start, encodeEvent(undefined, '{"type":"ping"}')]],
    ['1: ping: data is no JSON object', [start, encodeEvent('ping', '{')]],
  ])('says: %s', (complaint, events) => {
    expect(check(...events)).toBe(complaint);
  });

  it('takes no notice of comments', () => {
    expect(check(start, encodeEvent('comment', undefined), end, last)).toBeUndefined();
  });
});

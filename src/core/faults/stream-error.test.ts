import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { streamError } from './stream-error.ts';

const TEXT = eventsOf(fixture('text'));

function lastFrame(bytes: Buffer): string {
  return eventsOf(bytes).at(-1)!.raw.toString();
}

describe('stream-error', () => {
  it('sends the frame of the live API behind the place, then ends cleanly', () => {
    const played = play(filterOf(streamError, { after: { events: 4 } }), TEXT);
    expect(played.names).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_delta',
      'error',
    ]);
    expect(lastFrame(played.bytes)).toBe(
      'event: error\ndata: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}\n\n',
    );
    expect(played).toMatchObject({
      end: 'clean',
      notes: ['stream error overloaded_error'],
      skipped: undefined,
    });
    expect(played.ops.map(({ op }) => op).slice(-3)).toEqual(['applied', 'bytes', 'end']);
  });

  it('can be the only frame', () => {
    const played = play(filterOf(streamError, { before: 'first_event', error: 'api_error' }), TEXT);
    expect(played.names).toEqual(['error']);
    expect(lastFrame(played.bytes)).toContain('"type":"api_error","message":"Internal server error"');
  });

  it('has no request_id where the answer has none, or where it is not wanted', () => {
    const bare = '{"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"}}';
    expect(lastFrame(play(filterOf(streamError, {}, {}), TEXT).bytes)).toContain(`data: ${bare}\n`);
    expect(lastFrame(play(filterOf(streamError, { request_id: false }), TEXT).bytes)).toContain(
      `data: ${bare}\n`,
    );
  });

  it.each([
    [{}, 'simulated', 'Simulated error: Overloaded'],
    [{ error: 'api_error' }, 'simulated', 'Simulated error: Internal Server Error'],
    [{ message: 'real' }, 'simulated', 'Overloaded'],
    [{ message: 'simulated' }, 'real', 'Simulated error: Overloaded'],
    [{ message: 'Try later.' }, 'real', 'Try later.'],
    [{ error: 'rate_limit_error' }, 'real', 'Rate limited'],
    // No wording is known for it.
    [{ error: 'timeout_error' }, 'real', 'Simulated error: Gateway Timeout'],
    [{ error: 'brand_new_error' }, 'real', 'Simulated error: brand_new_error'],
  ] as const)('words %o with messages %s as %s', (params, messages, text) => {
    const { bytes } = play(filterOf(streamError, params, {}, { messages }), TEXT);
    expect(JSON.parse(eventsOf(bytes).at(-1)!.data!).error.message).toBe(text);
  });

  it('is skipped when the stream is too short', () => {
    const played = play(filterOf(streamError, { after: { events: 99 } }), TEXT);
    expect(played.skipped).toBe('the stream ended after 17 events, never after 99 events');
    expect(played.bytes.equals(fixture('text'))).toBe(true);
  });
});

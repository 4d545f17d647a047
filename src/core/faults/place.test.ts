import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ONE_PLACE, onePlace, type PlaceParams, placeShape, placeText, readPlace } from './place.ts';

const schema = z.strictObject(placeShape).refine(onePlace, ONE_PLACE);

function place(input: unknown) {
  return readPlace(schema.parse(input) as PlaceParams);
}

function complaint(input: unknown): string {
  return (
    schema
      .safeParse(input)
      .error?.issues.map(({ message }) => message)
      .join(' | ') ?? 'accepted'
  );
}

describe('places', () => {
  it.each([
    [{}, 'after first_token'],
    [{ after: { events: 5 } }, 'after 5 events'],
    [{ after: { events: 0 } }, 'before first_event'],
    [{ after: { bytes: '64KiB' } }, 'after 65536 bytes'],
    [{ after: { text: 200 } }, 'after 200 characters of text'],
    [{ after: { tokens: 50 } }, 'after 50 tokens'],
    [{ after: { time: '1.5s' } }, 'after 1500 ms'],
    [{ after: { content_block_stop: 0 } }, 'after content_block_stop 0'],
    [{ after: { content_block_start: 2 } }, 'after content_block_start 2'],
    [{ after: { message_start: true } }, 'after message_start'],
    [{ after: 'content_block_stop 0' }, 'after content_block_stop 0'],
    [{ after: 'first_token' }, 'after first_token'],
    [{ before: 'first_token' }, 'before first_token'],
    [{ before: 'message_stop' }, 'before message_stop'],
    [{ before: 'content_block_stop 11' }, 'before content_block_stop 11'],
    [{ inside: 'tool_use' }, 'inside tool_use'],
    [{ inside: 'text 3' }, 'inside text 3'],
  ])('reads %o', (input, text) => {
    expect(placeText(place(input))).toBe(text);
  });

  it.each([
    [{ after: { events: 5 }, before: 'message_stop' }, 'give one of after, before and inside'],
    [{ after: {} }, 'give exactly one of events, bytes, text, tokens, time or an event, e.g. { events: 5 }'],
    [
      { after: { events: 1, text: 2 } },
      'give exactly one of events, bytes, text, tokens, time or an event, e.g. { events: 5 }',
    ],
    [
      { after: { event: 1 } },
      'Unrecognized key: "event" | give exactly one of events, bytes, text, tokens, time or an event, e.g. { events: 5 }',
    ],
    [{ after: { events: -1 } }, 'Too small: expected number to be >=0'],
    [
      { after: 5 },
      'write { events: 5 }, { bytes: 64KiB }, { text: 200 }, { tokens: 50 }, { time: 1.5s }, message_start, first_token, message_delta, content_block_start N or content_block_stop N',
    ],
    [
      { after: 'events 5' },
      'no such place: "events 5"; use one of message_start, first_token, message_delta, content_block_start N or content_block_stop N',
    ],
    [
      { before: 'content_block_stop' },
      'no such place: "content_block_stop"; use one of first_event, first_token, message_delta, message_stop, content_block_start N or content_block_stop N',
    ],
    [
      { inside: 'image' },
      'no such block: "image"; use text, thinking, tool_use or server_tool_use, or e.g. "tool_use 3" for after its third delta',
    ],
  ])('refuses %o with the cure', (input, message) => {
    expect(complaint(input)).toBe(message);
  });

  it('names the unit of a time and of a size', () => {
    expect(complaint({ after: { time: 2 } })).toContain('did you mean 2s');
    expect(complaint({ after: { bytes: '64k' } })).toContain('is no size');
  });
});

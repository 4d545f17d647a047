import { describe, expect, it } from 'vitest';
import { eventsOf, fixture } from '../../../test/support/play.ts';
import type { SseEvent } from '../sse/event.ts';
import { type Place, readPlace } from './place.ts';
import { PlaceWatch, type WatchOptions } from './place-watch.ts';

const TOOL = eventsOf(fixture('tool-use'));
const THINKING = eventsOf(fixture('thinking'));

/** `side type index` of the event where a place is found, e.g. `after content_block_delta 1`. */
function find(place: Place, events: readonly SseEvent[], options?: WatchOptions, every = 0): string {
  const watch = new PlaceWatch(place, options);
  const found: string[] = [];
  events.forEach((event, i) => {
    const hit = watch.see(event, i * every);
    if (hit === undefined) return;
    const index = /"index":(\d)/.exec(event.data ?? '')?.[1];
    found.push([hit.side, event.name, index, hit.split].filter((part) => part !== undefined).join(' '));
  });
  return found.join('; ') || watch.missed();
}

describe('PlaceWatch', () => {
  it.each<[Parameters<typeof readPlace>[0], string]>([
    [{ after: { events: 0 } }, 'before message_start'],
    [{ after: { events: 1 } }, 'after message_start'],
    // message_start, content_block_start, (ping), delta
    [{ after: { events: 3 } }, 'after content_block_delta 0'],
    [{ after: { bytes: 1 } }, 'after message_start 1'],
    [{ after: { bytes: TOOL[0]!.raw.length + 10 } }, 'after content_block_start 0 10'],
    [{ after: { text: 5 } }, 'after content_block_delta 0'],
    [{ after: { text: 32 } }, 'the stream ended after 22 events, never after 32 characters of text'],
    [{ after: 'message_start' }, 'after message_start'],
    [{ after: { first_token: true } }, 'after content_block_delta 0'],
    [{ before: 'first_token' }, 'before content_block_delta 0'],
    [{ after: { content_block_start: 1 } }, 'after content_block_start 1'],
    [{ before: 'content_block_stop 2' }, 'before content_block_stop 2'],
    [
      { before: 'content_block_stop 3' },
      'the stream ended after 22 events, never before content_block_stop 3',
    ],
    [{ before: 'message_stop' }, 'before message_stop'],
    [{ inside: 'tool_use' }, 'after content_block_delta 1'],
    [{ inside: 'tool_use 7' }, 'after content_block_delta 1'],
    [{ inside: 'tool_use 8' }, 'the stream ended after 22 events, never inside tool_use 8'],
    [{ inside: 'thinking' }, 'the stream ended after 22 events, never inside thinking'],
  ])('finds %o', (params, where) => {
    expect(find(readPlace(params), TOOL)).toBe(where);
  });

  it('is inside a block only once something was written and the block is open', () => {
    const watch = new PlaceWatch(readPlace({ inside: 'tool_use' }));
    const at = TOOL.findIndex((event) => watch.see(event, 0));
    expect(TOOL[at]?.data).toContain('{\\"location\\":');
    expect(watch.position.block).toMatchObject({ index: 1, kind: 'tool_use' });
  });

  it('has the first token in a thinking block too', () => {
    expect(find(readPlace({ before: 'first_token' }), THINKING)).toBe('before content_block_delta 0');
  });

  it('finds a place by time at the first event that comes later, or when asked', () => {
    const place = readPlace({ after: { time: 250 } });
    expect(find(place, TOOL, {}, 100)).toBe('before content_block_delta 0');
    const watch = new PlaceWatch(place);
    expect(watch.due()).toBe(250);
    expect([watch.isTime(249), watch.isTime(250), watch.isTime(251)]).toEqual([false, true, false]);
    expect(watch.due()).toBeUndefined();
  });

  it('says when the upstream failed by itself', () => {
    expect(find(readPlace({ before: 'message_stop' }), eventsOf(fixture('error-mid-text')))).toBe(
      'the upstream sent an error of its own after 5 events, never before message_stop',
    );
  });

  it('puts a place off until the message began, and does not find one behind it', () => {
    const message: WatchOptions = { within: 'message' };
    expect(find(readPlace({ before: 'first_event' }), TOOL, message)).toBe('after message_start');
    expect(find(readPlace({ after: { bytes: 3 } }), TOOL, message)).toBe('after message_start 3');
    const whole = 'the message is whole after 22 events';
    expect(find(readPlace({ after: { events: 22 } }), TOOL, message)).toBe(whole);
    expect(find(readPlace({ after: { events: 22 } }), TOOL, { within: 'stream' })).toBe(whole);
    expect(find(readPlace({ after: { events: 22 } }), TOOL)).toBe('after message_stop');
  });

  it('keeps its position in front of an event that it was found before', () => {
    const watch = new PlaceWatch(readPlace({ before: 'content_block_stop 0' }), { content: true });
    for (const event of TOOL) if (watch.see(event, 0)) break;
    expect(watch.position.block?.index).toBe(0);
  });
});

import { createParser } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, type Played, play } from '../../../test/support/play.ts';
import { streamGarble } from './stream-garble.ts';

const TEXT = eventsOf(fixture('text'));
const HOWS = streamGarble.params.shape.how.options;
type How = (typeof HOWS)[number];

/** Spoils the second delta (the one behind the first token). */
function garble(how: How, more: { count?: number; before?: string } = {}): Played {
  return play(filterOf(streamGarble, { how, ...more }), TEXT);
}

/** Where `played` and the fixture differ: the frames of the one that the other has not, in order. */
function difference(played: Played): { gone: string[]; come: string[] } {
  const was = TEXT.map(({ raw }) => Buffer.from(raw).toString('latin1'));
  const is = eventsOf(played.bytes).map(({ raw }) => Buffer.from(raw).toString('latin1'));
  return {
    gone: was.filter((frame) => !is.includes(frame)),
    come: is.filter((frame) => !was.includes(frame)),
  };
}

const SECOND = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"! I"}';

describe('stream-garble', () => {
  it.each(HOWS)('%s acts on the event behind the place and says so', (how) => {
    const { notes, skipped, end } = garble(how);
    expect(skipped).toBeUndefined();
    expect(end).toBeUndefined();
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(how);
  });

  it('breaks the JSON of one event', () => {
    const { gone, come } = difference(garble('broken-json'));
    expect(gone).toHaveLength(1);
    expect(come).toHaveLength(1);
    const [frame] = eventsOf(come[0]!);
    expect(frame?.name).toBe('content_block_delta');
    expect(SECOND.startsWith(frame!.data!)).toBe(true);
    expect(() => JSON.parse(frame!.data!)).toThrow();
  });

  it('breaks the UTF-8 of one event', () => {
    const { come } = difference(garble('broken-utf8'));
    const bytes = Buffer.from(come[0]!, 'latin1');
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow();
    expect(eventsOf(bytes)[0]!.data).toContain('! I\uFFFD"');
  });

  it('adds events and deltas of types that nobody knows', () => {
    expect(difference(garble('unknown-event'))).toEqual({
      gone: [],
      come: ['event: unexpected_event\ndata: {"type":"unexpected_event"}\n\n'],
    });
    expect(difference(garble('unknown-delta'))).toEqual({
      gone: [],
      come: [
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"unexpected_delta","value":""}}\n\n',
      ],
    });
  });

  it('takes the name away and keeps the data', () => {
    const { gone, come } = difference(garble('no-name'));
    expect(come).toEqual([gone[0]!.replace('event: content_block_delta\n', '')]);
  });

  it('speaks of a block that is not open', () => {
    const { come } = difference(garble('wrong-index'));
    expect(JSON.parse(eventsOf(come[0]!)[0]!.data!).index).toBe(1000);
  });

  it('duplicates, drops and swaps', () => {
    const names = (played: Played) =>
      played.names.slice(0, 5).map((name) => name?.replace('content_block_', ''));
    const first = { before: 'first_event' };
    expect(names(garble('duplicate', first))).toEqual([
      'message_start',
      'message_start',
      'start',
      'ping',
      'delta',
    ]);
    expect(names(garble('drop', first))).toEqual(['start', 'ping', 'delta', 'delta', 'delta']);
    expect(names(garble('reorder', first))).toEqual(['start', 'message_start', 'ping', 'delta', 'delta']);
    // A ping does not wait for the swap, and is not swapped.
    expect(names(garble('reorder', { before: 'content_block_start 0' }))).toEqual([
      'message_start',
      'ping',
      'delta',
      'start',
      'delta',
    ]);
  });

  it('spoils as many events as it is told', () => {
    expect(garble('drop', { count: 3 }).names).toHaveLength(TEXT.length - 3);
    expect(difference(garble('reorder', { count: 2 }))).toEqual({ gone: [], come: [] });
  });

  it('glues two events, so that a client reads one', () => {
    const played = garble('glue', { before: 'message_delta' });
    const last = eventsOf(played.bytes).at(-1)!;
    expect(last.name).toBe('message_stop');
    expect(last.data!.split('\n').map((line) => JSON.parse(line).type)).toEqual([
      'message_delta',
      'message_stop',
    ]);
  });

  it('writes CRLF from the place on, and clients read the same', () => {
    const played = garble('crlf', { before: 'first_event' });
    const ping = 'event: ping\ndata: {"type": "ping"}\n\n';
    const all = fixture('text').toString().replaceAll('\n', '\r\n');
    expect(played.bytes.toString()).toBe(all.replace(ping.replaceAll('\n', '\r\n'), ping));
    expect(read(played.bytes)).toEqual(read(fixture('text')));
  });

  it('is skipped where no event follows, or none that can be spoilt so', () => {
    const stop = TEXT.slice(-1);
    expect(play(filterOf(streamGarble, { how: 'drop', after: { events: 1 } }), stop).skipped).toBe(
      'no event behind the place for drop',
    );
    expect(play(filterOf(streamGarble, { how: 'wrong-index', before: 'message_stop' }), TEXT).skipped).toBe(
      'no event behind the place for wrong-index',
    );
    const alone = play(filterOf(streamGarble, { how: 'reorder', before: 'message_stop' }), TEXT);
    expect(alone.skipped).toBe('no event follows that could come first');
    expect(alone.bytes.equals(fixture('text'))).toBe(true);
  });
});

function read(bytes: Buffer): unknown[] {
  const messages: unknown[] = [];
  createParser({ onEvent: (message) => messages.push(message) }).feed(bytes.toString());
  return messages;
}

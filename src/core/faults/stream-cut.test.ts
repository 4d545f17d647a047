import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { streamCut } from './stream-cut.ts';

const TEXT = eventsOf(fixture('text'));

describe('stream-cut', () => {
  it('leaves out nothing but message_stop', () => {
    const played = play(filterOf(streamCut, { before: 'message_stop' }), TEXT);
    expect(played.bytes.equals(Buffer.concat(TEXT.slice(0, -1).map(({ raw }) => raw)))).toBe(true);
    expect(played).toMatchObject({ end: 'clean', notes: ['stream cut (clean)'] });
  });

  it.each(['clean', 'close', 'abrupt', 'reset', 'hang', 'half-close'] as const)('ends by %s', (how) => {
    const played = play(filterOf(streamCut, { after: { events: 1 }, how }), TEXT);
    expect(played.bytes.equals(TEXT[0]!.raw as Buffer)).toBe(true);
    expect(played.end).toBe(how);
  });

  it('cuts at exactly the byte', () => {
    for (const bytes of [1, 600, TEXT[0]!.raw.length, TEXT[0]!.raw.length + 1]) {
      const played = play(filterOf(streamCut, { after: { bytes: `${bytes}B` } }), TEXT);
      expect(played.bytes.equals(fixture('text').subarray(0, bytes))).toBe(true);
    }
  });

  it('cuts in the middle of the frame that follows the place', () => {
    const played = play(filterOf(streamCut, { after: 'message_start', mid_frame: true, how: 'reset' }), TEXT);
    const [first, second] = TEXT.map(({ raw }) => raw);
    expect(played.bytes.toString()).toBe(
      Buffer.concat([first!, second!.subarray(0, second!.length >> 1)]).toString(),
    );
    expect(eventsOf(played.bytes)).toHaveLength(1);
  });

  it('sends nothing more, whatever still comes', () => {
    const filter = filterOf(streamCut, { after: { events: 1 } });
    filter.onEvent(TEXT[0]!, 0);
    expect(filter.onEvent(TEXT[1]!, 0)).toEqual([]);
    expect(filter.onEnd(Buffer.from('rest'), 0)).toEqual([]);
  });

  it('cuts after a time though nothing comes', () => {
    const filter = filterOf(streamCut, { after: { time: '2s' }, how: 'reset' });
    filter.onEvent(TEXT[0]!, 10);
    expect(filter.due?.()).toBe(2000);
    expect(filter.onTime?.(1999)).toEqual([]);
    expect(filter.onTime?.(2000).map(({ op }) => op)).toEqual(['applied', 'end']);
    expect(filter.due?.()).toBeUndefined();
    expect(filter.onEvent(TEXT[1]!, 2100)).toEqual([]);
  });

  it('is not applied where the message is whole already, but a reset behind it is', () => {
    expect(play(filterOf(streamCut, { after: { events: 17 } }), TEXT).skipped).toBe(
      'the message is whole after 17 events',
    );
    const reset = play(filterOf(streamCut, { after: { events: 17 }, how: 'reset' }), TEXT);
    expect([reset.end, reset.bytes.equals(fixture('text'))]).toEqual(['reset', true]);
  });

  it('says so when nothing follows that it could cut', () => {
    const played = play(
      filterOf(streamCut, { after: { events: 2 }, mid_frame: true, how: 'reset' }),
      TEXT.slice(0, 2),
    );
    expect(played.skipped).toBe('no event follows the place');
  });
});

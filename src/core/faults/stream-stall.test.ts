import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play, unfolded } from '../../../test/support/play.ts';
import { streamStall } from './stream-stall.ts';

const TOOL = eventsOf(fixture('tool-use'));

describe('stream-stall', () => {
  it('pauses once, in the middle of the block, and goes on', () => {
    const played = play(filterOf(streamStall, { inside: 'tool_use', for: '35s' }), TOOL);
    expect(played.bytes.equals(fixture('tool-use'))).toBe(true);
    const wait = played.ops.findIndex(({ op }) => op === 'wait');
    expect(played.ops.slice(wait - 2, wait + 2)).toMatchObject([
      { op: 'emit', event: { data: expect.stringContaining('location') } },
      { op: 'applied', note: 'stall 35000 ms' },
      { op: 'wait', ms: 35_000 },
      { op: 'emit', event: { data: expect.stringContaining('San') } },
    ]);
    expect(played.waited).toBe(35_000);
  });

  it('stays silent for ever', () => {
    const played = play(filterOf(streamStall, { before: 'first_event' }), TOOL);
    expect(played.ops).toEqual([
      { op: 'applied', note: 'stall for ever' },
      { op: 'end', how: 'hang' },
    ]);
  });

  it('sends pings in between, and takes as long as it says', () => {
    const played = play(filterOf(streamStall, { after: 'message_start', for: '25s', pings: '10s' }), TOOL);
    expect(played.ops.slice(1, 7)).toMatchObject([
      { op: 'applied' },
      { op: 'wait', ms: 10_000 },
      { op: 'bytes' },
      { op: 'wait', ms: 10_000 },
      { op: 'bytes' },
      { op: 'wait', ms: 5000 },
    ]);
    expect(played.names.slice(0, 4)).toEqual(['message_start', 'ping', 'ping', 'content_block_start']);
  });

  it('pings for a day when it is for ever', () => {
    const played = play(filterOf(streamStall, { before: 'first_event', pings: '5s' }), TOOL);
    expect(played.waited).toBe(24 * 3_600_000);
    expect(new Set(played.names)).toEqual(new Set(['ping']));
    expect(played.end).toBe('hang');
  });

  it('shares its long list between streams', () => {
    const ops = [1, 2].map(() => filterOf(streamStall, { before: 'first_event', pings: '10ms' }));
    expect(unfolded(ops[0]!.onEvent(TOOL[0]!, 0)).length).toBeLessThan(150_000);
  });

  it('stalls at exactly the byte', () => {
    const played = play(filterOf(streamStall, { after: { bytes: '700B' }, for: '1s' }), TOOL);
    const before = played.ops.slice(
      0,
      played.ops.findIndex(({ op }) => op === 'wait'),
    );
    const sent = before.map((op) =>
      op.op === 'emit' ? op.event.raw.length : op.op === 'bytes' ? op.bytes.length : 0,
    );
    expect(sent.reduce((a, b) => a + b)).toBe(700);
    expect(played.bytes.equals(fixture('tool-use'))).toBe(true);
  });
});

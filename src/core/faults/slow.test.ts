/** `slow-stream`, `slow-body` and `bandwidth`. */
import { describe, expect, it } from 'vitest';
import { effectsOf, filterOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { bandwidth } from './bandwidth.ts';
import { slowBody } from './slow-body.ts';
import { slowStream } from './slow-stream.ts';

const TEXT = eventsOf(fixture('text'));
const DELTAS = TEXT.filter(({ name }) => name === 'content_block_delta').length;

/** Waits in front of each delta, when the upstream gives an event every so many milliseconds. */
function waits(params: Parameters<typeof filterOf<typeof slowStream.params>>[1], every = 0): number[] {
  const { ops } = play(filterOf(slowStream, params), TEXT, { every });
  return ops.flatMap((op, i) => {
    if (op.op !== 'emit' || op.event.name !== 'content_block_delta') return [];
    const before = ops[i - 1];
    return [before?.op === 'wait' ? before.ms : 0];
  });
}

describe('slow-stream', () => {
  it('waits for the first token, counted from the head', () => {
    const played = play(filterOf(slowStream, { first_token: '2s' }), TEXT, { every: 100 });
    // message_start at 0, block at 100, ping at 200, first delta at 300
    expect(played.waited).toBe(1700);
    expect(played.notes).toEqual(['slow stream, first wait 1700 ms']);
    expect(played.bytes.equals(fixture('text'))).toBe(true);
    expect(played.ops.findIndex(({ op }) => op === 'wait')).toBe(4);
  });

  it('paces deltas by their tokens', () => {
    const paced = waits({ tokens_per_second: 10 });
    // Hello, "! I", " am", " Claude", ",": 2, 1, 1, 2, 1 tokens; the first is not paced
    expect(paced.slice(0, 5)).toEqual([0, 100, 100, 200, 100]);
  });

  it('takes the time that the upstream needs anyway off the waits', () => {
    expect(waits({ tokens_per_second: 10 }, 60).slice(1, 4)).toEqual([40, 80, 200]);
    expect(waits({ tokens_per_second: 10 }, 300).every((ms) => ms === 0)).toBe(true);
  });

  it('waits the same when several events come in one chunk and the waits are carried out later', () => {
    const filter = filterOf(slowStream, { first_token: '1s', tokens_per_second: 10 });
    const sum = TEXT.flatMap((event) => filter.onEvent(event, 0)).reduce(
      (total, op) => total + (op.op === 'wait' ? op.ms : 0),
      0,
    );
    expect(sum).toBe(play(filterOf(slowStream, { first_token: '1s', tokens_per_second: 10 }), TEXT).waited);
  });

  it('varies waits within the jitter, and the same way each time', () => {
    const varied = waits({ tokens_per_second: 10, jitter: 0.5 });
    const even = waits({ tokens_per_second: 10 });
    expect(varied).toEqual(waits({ tokens_per_second: 10, jitter: 0.5 }));
    expect(new Set(varied).size).toBeGreaterThan(DELTAS / 2);
    varied.forEach((ms, i) => {
      expect(ms).toBeGreaterThanOrEqual(even[i]! * 0.5 - 1e-6);
      expect(ms).toBeLessThanOrEqual(even[i]! * 1.5 + 1e-6);
    });
  });

  it('is skipped where it slows nothing down', () => {
    const skipped = (events: typeof TEXT, every: number) =>
      play(filterOf(slowStream, { tokens_per_second: 1000 }), events, { every }).skipped;
    expect(skipped(TEXT.slice(0, 3), 0)).toBe('the stream has no token');
    expect(skipped(TEXT, 500)).toBe('the upstream was slower than that by itself');
  });

  it('wants a pace', () => {
    expect(slowStream.params.safeParse({ jitter: 0.1 }).error?.issues[0]?.message).toBe(
      'give first_token or tokens_per_second',
    );
  });
});

describe('slow-body and bandwidth', () => {
  it('limit one direction each', () => {
    expect(effectsOf(slowBody, { per_second: '1KiB', first_byte: '2s' })).toEqual([
      { do: 'throttle', direction: 'down', bytesPerSecond: 1024, firstByteMs: 2000 },
    ]);
    expect(effectsOf(slowBody, { first_byte: '2s' })).toEqual([
      { do: 'throttle', direction: 'down', bytesPerSecond: Number.POSITIVE_INFINITY, firstByteMs: 2000 },
    ]);
    expect(effectsOf(bandwidth, { up: '64KiB', down: '1MiB' })).toEqual([
      { do: 'throttle', direction: 'up', bytesPerSecond: 65_536 },
      { do: 'throttle', direction: 'down', bytesPerSecond: 1_048_576 },
    ]);
    expect(effectsOf(bandwidth, { down: '1B' })).toHaveLength(1);
  });

  it.each([
    [slowBody, {}],
    [slowBody, { per_second: '0B' }],
    [bandwidth, {}],
    [bandwidth, { up: '0B' }],
    [bandwidth, { up: 1024 }],
  ])('refuse what is no limit', (fault, params) => {
    expect(fault.params.safeParse(params).success).toBe(false);
  });
});

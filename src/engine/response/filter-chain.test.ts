/** What several stream faults do at one place, in whatever order a rule names them. */
import { describe, expect, it } from 'vitest';
import { eventsOf, fixture } from '../../../test/support/play.ts';
import { requestFacts } from '../../../test/support/request-facts.ts';
import type { FilterEffect } from '../../core/effect.ts';
import { compileRules } from '../../core/rules/compile.ts';
import { FilterChain } from './filter-chain.ts';

const EVENTS = eventsOf(fixture('text'));

/** What goes on the wire: the number of bytes, `wait N`, `end how`, and who is told as applied. */
function played(faults: readonly object[], options: { time?: boolean; timeScale?: number } = {}): string[] {
  const env = { seed: '1', messages: 'real', timeScale: options.timeScale ?? 1 } as const;
  const decision = compileRules([{ name: 'r', faults }], env).decide(requestFacts(), { now: 0, wall: 0 });
  const filters = decision.faults.map((fault) => ({ fault, effect: fault.effects[0] as FilterEffect }));
  const chain = new FilterChain(filters, {});
  const out: Parameters<FilterChain['event']>[2] = [];
  for (const event of EVENTS) chain.event(event, 0, out);
  if (options.time) out.push(...chain.time(5000));
  const said: string[] = [];
  let bytes = 0;
  for (const op of out) {
    if (op.op === 'bytes' || op.op === 'chunks') {
      bytes += op.bytes.length;
      continue;
    }
    if (bytes > 0) said.push(String(bytes));
    bytes = 0;
    if (op.op === 'applied') said.push(op.fault.kind);
    else said.push(op.op === 'wait' ? `wait ${op.ms}` : `end ${op.how}`);
    if (op.op === 'end') return said;
  }
  return [...said, String(bytes)];
}

/** Bytes up to and with the event of this number, from 0. */
const upTo = (index: number): string =>
  String(EVENTS.slice(0, index + 1).reduce((sum, { raw }) => sum + raw.length, 0));

const stall = (place: object, more: object = { for: '2s' }): object => ({
  kind: 'stream-stall',
  ...place,
  ...more,
});
const cut = (place: object, how = 'close'): object => ({ kind: 'stream-cut', ...place, how });

describe('two faults that are due at one event', () => {
  /** The first delta with text: it is reached with its first token, and with its last. */
  const first = EVENTS.findIndex(({ name }) => name === 'content_block_delta');
  const stop = EVENTS.findIndex(({ name }) => name === 'content_block_stop');

  it.each([
    ['behind it', { after: { text: 1 } }, { after: { text: 2 } }, upTo(first)],
    [
      'in front of it',
      { before: 'content_block_stop 0' },
      { before: 'content_block_stop 0' },
      upTo(stop - 1),
    ],
  ])('the wait comes before the end, %s', (_, place, other, sent) => {
    const expected = [sent, 'stream-stall', 'wait 2000', 'stream-cut', 'end close'];
    expect(played([stall(place), cut(other)])).toEqual(expected);
    expect(played([cut(other), stall(place)])).toEqual(expected);
    const faster = expected.map((one) => one.replace('wait 2000', 'wait 20'));
    expect(played([stall(place), cut(other)], { timeScale: 0.01 })).toEqual(faster);
  });

  it('those by bytes act each at its own byte', () => {
    const faults = [stall({ after: { bytes: '500B' } }), cut({ after: { bytes: '520B' } })];
    const expected = ['500', 'stream-stall', 'wait 2000', '20', 'stream-cut', 'end close'];
    expect(played(faults)).toEqual(expected);
    expect(played([...faults].reverse())).toEqual(expected);
  });

  it('what lies behind an end is not reached', () => {
    const faults = [stall({ after: { bytes: '520B' } }), cut({ after: { bytes: '500B' } })];
    const expected = ['500', 'stream-cut', 'end close'];
    expect(played(faults)).toEqual(expected);
    expect(played([...faults].reverse())).toEqual(expected);
  });

  it('silence for ever is a wait', () => {
    const place = { after: 'first_token' };
    for (const faults of [
      [stall(place, {}), cut(place)],
      [cut(place), stall(place, {})],
    ])
      expect(played(faults)).toEqual([upTo(first), 'stream-stall', 'end hang']);
  });

  it('of two ends, the one that the rule names first comes', () => {
    const place = { after: 'first_token' };
    const error = { kind: 'stream-error', ...place };
    expect(played([cut(place), error])).toEqual([upTo(first), 'stream-cut', 'end close']);
    expect(played([error, cut(place)]).slice(0, 2)).toEqual([upTo(first), 'stream-error']);
    expect(played([error, cut(place)]).at(-1)).toBe('end clean');
  });

  it('a pace is kept up to an end', () => {
    const slow = { kind: 'slow-stream', first_token: '3s' };
    const end = cut({ before: 'first_token' });
    const expected = [upTo(first - 1), 'slow-stream', 'wait 3000', 'stream-cut', 'end close'];
    expect(played([slow, end])).toEqual(expected);
    expect(played([end, slow])).toEqual(expected);
  });

  it('an event that another fault changes keeps what is done around it', () => {
    const garble = { kind: 'stream-garble', how: 'broken-json', before: 'content_block_stop 0' };
    const around = [
      stall({ before: 'content_block_stop 0' }),
      garble,
      cut({ after: { content_block_stop: 0 } }),
    ];
    const said = played(around);
    expect(said.slice(0, 3)).toEqual([upTo(stop - 1), 'stream-stall', 'wait 2000']);
    expect(said).toContain('stream-garble');
  });
});

it('of two that are due at one time, the wait comes before the end', () => {
  const place = { after: { time: '5s' } };
  for (const faults of [
    [stall(place), cut(place)],
    [cut(place), stall(place)],
  ])
    expect(played(faults, { time: true })).toEqual([
      upTo(EVENTS.length - 1),
      'stream-stall',
      'wait 2000',
      'stream-cut',
      'end close',
    ]);
});

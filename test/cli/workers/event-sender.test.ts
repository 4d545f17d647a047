/** What a worker tells of its events: all of them, in batches and in order, or only what a quiet run shows. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sendEvents } from '../../../src/cli/workers/event-sender.ts';
import type { FromWorker, Tells } from '../../../src/cli/workers/messages.ts';
import type { ProxyEvent } from '../../../src/core/events.ts';
import { EventBus } from '../../../src/observe/bus.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const error = (exchange: number, code = 'upstream-dns'): ProxyEvent => ({
  ...{ v: 1, type: 'exchange.error', at: 1, exchange, cause: 'natural', code, message: 'no such name' },
});
const ended = (exchange: number): ProxyEvent => ({
  ...{ v: 1, type: 'exchange.ended', at: 1, exchange, how: 'complete', cause: null, status: 200 },
  ...{ source: 'upstream', bytesUp: 1, bytesDown: 2, ms: 3 },
});
const notice = (code: string): ProxyEvent => ({ v: 1, type: 'notice', at: 1, code, message: 'look' });

function sender(tells: Tells) {
  const bus = new EventBus();
  const sent: FromWorker[] = [];
  const { end } = sendEvents(bus, tells, (message) => sent.push(message));
  const events = (): unknown[] =>
    sent.flatMap((message) =>
      message.type === 'events'
        ? message.lines
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as unknown)
        : [],
    );
  return { bus, sent, end, events };
}

describe('every event', () => {
  it('goes in one message for what happens in a short while', () => {
    const { bus, sent, events } = sender('all');
    expect(bus.everyStep).toBe(true);
    const happened = [notice('a'), error(1), ended(1), ended(3)];
    for (const event of happened) bus.emit(event);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(sent).toHaveLength(1);
    expect(events()).toEqual(happened);
    bus.emit(ended(5));
    vi.advanceTimersByTime(10);
    expect(sent).toHaveLength(2);
  });

  it('goes at once when there is much, and the rest at the end', () => {
    const { bus, sent, end, events } = sender('all');
    for (let i = 1; i <= 600; i++) bus.emit(ended(i));
    const before = sent.length;
    expect(before).toBeGreaterThan(0);
    end();
    expect(sent).toHaveLength(before + 1);
    expect(events()).toEqual(Array.from({ length: 600 }, (_, i) => ended(i + 1)));
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(before + 1);
  });
});

describe('in a quiet run', () => {
  it('only warnings go, and an error of each kind once', () => {
    const { bus, end, events } = sender('few');
    expect(bus.everyStep).toBe(false);
    for (const event of [error(1), ended(1), error(2), ended(2), error(3, 'loop'), notice('a')])
      bus.emit(event);
    end();
    expect(events()).toEqual([error(1), error(3, 'loop'), notice('a')]);
  });

  it('counts go while there are new calls, and at the end', () => {
    const { bus, sent, end } = sender('few');
    const seen = (): number[] =>
      sent.flatMap((message) => (message.type === 'counts' ? [message.counts.seen] : []));
    vi.advanceTimersByTime(500);
    for (const exchange of [1, 2, 3]) bus.emit(ended(exchange));
    vi.advanceTimersByTime(2000);
    bus.emit(ended(4));
    end();
    expect(seen()).toEqual([3, 4]);
    vi.advanceTimersByTime(2000);
    expect(seen()).toHaveLength(2);
  });
});

describe('in a quiet run with an event log', () => {
  it('every event goes once and in order, those to be shown apart, and so do counts', () => {
    const { bus, sent, end } = sender('recorded');
    expect(bus.everyStep).toBe(true);
    const happened = [ended(1), error(2), error(3), ended(2), ended(3), notice('a'), ended(4)];
    for (const event of happened) bus.emit(event);
    end();
    const told = sent.flatMap((message) => {
      if (message.type !== 'events' && message.type !== 'records') return [];
      const lines = message.lines.trimEnd().split('\n');
      return lines.map((line) => [message.type, JSON.parse(line) as ProxyEvent] as const);
    });
    expect(told.map(([, event]) => event)).toEqual(happened);
    expect(told.filter(([type]) => type === 'events').map(([, event]) => event)).toEqual([
      error(2),
      notice('a'),
    ]);
    expect(sent.at(-1)).toMatchObject({ type: 'counts', counts: { seen: 4, passed: 4 } });
  });

  it('no line goes without the counts that hold it', () => {
    const { bus, sent, end } = sender('recorded');
    for (let i = 1; i <= 600; i++) bus.emit(ended(i));
    vi.advanceTimersByTime(10);
    end();
    let lines = 0;
    const batches = sent.flatMap((message) => (message.type === 'records' ? [message] : []));
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) {
      lines += batch.lines.trimEnd().split('\n').length;
      expect(batch.counts).toMatchObject({ seen: lines });
    }
  });
});

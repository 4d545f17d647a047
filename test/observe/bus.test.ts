import { describe, expect, it, vi } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { EventBus, type Interest } from '../../src/observe/bus.ts';
import {
  decided,
  ended,
  head,
  injected,
  notice,
  passing,
  skippedFault,
  unreachable,
} from './sample-events.ts';

const SKIPPING = decided(4, { skipped: [{ rule: 'a', fault: 'latency', reason: 'no room' }] });
const SAMPLE_EVENTS: readonly ProxyEvent[] = [
  ...passing(1),
  ...injected(2),
  ...unreachable(3),
  ...[SKIPPING, skippedFault(4, 'no room'), head(4), ended(4), notice('io', 'the disk is full')],
];

function told(bus: EventBus, interest?: Interest): ProxyEvent[] {
  const events: ProxyEvent[] = [];
  bus.subscribe((event) => events.push(event), interest);
  return events;
}

describe('EventBus', () => {
  it('hands every event to every observer, in order', () => {
    const bus = new EventBus();
    const [first, second] = [told(bus), told(bus)];
    for (const event of SAMPLE_EVENTS) bus.emit(event);
    expect(first).toEqual(SAMPLE_EVENTS);
    expect(second).toEqual(SAMPLE_EVENTS);
  });

  it('spares those who only count the steps from which nothing follows, whoever else listens', () => {
    const bus = new EventBus();
    const counted = told(bus, { everyStep: false });
    expect(bus.everyStep).toBe(false);
    const all = told(bus);
    expect(bus.everyStep).toBe(true);
    for (const event of SAMPLE_EVENTS) bus.emit(event);
    expect(all).toEqual(SAMPLE_EVENTS);
    const spared = SAMPLE_EVENTS.filter((event) => !counted.includes(event));
    expect(counted).toEqual(SAMPLE_EVENTS.filter((event) => !spared.includes(event)));
    expect(new Set(spared.map(({ type }) => type))).toEqual(new Set(['exchange.decided', 'exchange.head']));
    expect(counted).toContain(SKIPPING);
  });

  it('drops an observer that throws, says so, and goes on', () => {
    const bus = new EventBus();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    bus.subscribe(() => {
      throw new Error('too much');
    });
    const others = told(bus);
    for (const event of SAMPLE_EVENTS) bus.emit(event);
    expect(others).toEqual(SAMPLE_EVENTS);
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('too much'));
    warn.mockRestore();
  });

  it('is active as long as somebody listens', () => {
    const bus = new EventBus();
    expect([bus.active, bus.everyStep]).toEqual([false, false]);
    const leave = bus.subscribe(() => {});
    expect([bus.active, bus.everyStep]).toEqual([true, true]);
    leave();
    expect([bus.active, bus.everyStep]).toEqual([false, false]);
  });
});

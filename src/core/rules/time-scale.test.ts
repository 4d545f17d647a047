/** `time_scale`: every sort of wait is brought to real time, and what is told of it too. */
import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { requestFacts } from '../../../test/support/request-facts.ts';
import type { Effect, FilterEffect } from '../effect.ts';
import { bandwidth } from '../faults/bandwidth.ts';
import { disconnect } from '../faults/disconnect.ts';
import { latency } from '../faults/latency.ts';
import { slowBody } from '../faults/slow-body.ts';
import { slowStream } from '../faults/slow-stream.ts';
import { streamStall } from '../faults/stream-stall.ts';
import { compileRules } from './compile.ts';
import { scaleEffects } from './time-scale.ts';

const text = eventsOf(fixture('text'));

function filterOf(effects: readonly Effect[], scale: number) {
  return (scaleEffects(effects, scale)[0] as FilterEffect).open();
}

describe('scaleEffects', () => {
  it('scales delays, idle times, first bytes and bandwidths', () => {
    expect(scaleEffects(effectsOf(latency, { delay: '5s' }), 0.1)).toEqual([
      { do: 'delay', at: 'request', ms: 500 },
    ]);
    expect(scaleEffects(effectsOf(disconnect, { how: 'reset', at: { idle: '5s' } }), 0.5)).toMatchObject([
      { do: 'end', at: 'idle', afterMs: 2500 },
    ]);
    expect(scaleEffects(effectsOf(bandwidth, { down: '1000B' }), 0.1)).toMatchObject([
      { do: 'throttle', bytesPerSecond: 10_000 },
    ]);
    expect(scaleEffects(effectsOf(slowBody, { first_byte: '3s' }), 0.1)).toMatchObject([
      { firstByteMs: 300, bytesPerSecond: Number.POSITIVE_INFINITY },
    ]);
  });

  it('stops at what a timer can hold, and slows no body to a standstill', () => {
    expect(scaleEffects(effectsOf(latency, { delay: '20d' }), 100)).toMatchObject([{ ms: 2 ** 31 - 1 }]);
    expect(scaleEffects(effectsOf(bandwidth, { down: '10B' }), 100)).toMatchObject([{ bytesPerSecond: 1 }]);
  });

  it('leaves answers and scale 1 the very objects that they are', () => {
    const respond = effectsOf(disconnect, { how: 'reset', at: 'request' });
    expect(scaleEffects(respond, 1)).toBe(respond);
    expect(scaleEffects(respond, 0.1)[0]).toBe(respond[0]);
  });

  it('scales the stalls of a stream, and what is told of them', () => {
    const effects = effectsOf(streamStall, { after: { events: 3 }, for: '35s', pings: '10s' });
    const played = play(filterOf(effects, 0.1), text);
    expect(played.waited).toBeCloseTo(3_500);
    expect(played.notes).toEqual(['stall 3500 ms, with pings']);
    expect(play(filterOf(effects, 1), text).waited).toBe(35_000);
  });

  it('lets a pace run in written time: the upstream is as much faster', () => {
    const effects = effectsOf(slowStream, { first_token: '10s', tokens_per_second: 1 });
    const whole = play(filterOf(effects, 1), text);
    const scaled = play(filterOf(effects, 0.01), text);
    expect(whole.waited).toBeGreaterThan(10_000);
    expect(scaled.waited).toBeCloseTo(whole.waited / 100);
    expect(scaled.notes[0]).toBe('slow stream, first wait 100 ms');
    expect(scaled.bytes).toEqual(whole.bytes);
  });

  it('places a fault by scaled time', () => {
    const effects = effectsOf(streamStall, { after: { time: '10s' }, for: '1s' });
    const late = play(filterOf(effects, 0.1), text, { every: 300 });
    const filter = filterOf(effects, 0.1);
    filter.onEvent(text[0]!, 0);
    expect(filter.due?.()).toBeCloseTo(1_000);
    expect(late.waited).toBeCloseTo(100);
    expect(play(filterOf(effects, 0.1), text).skipped).toContain('after 1000 ms');
  });
});

describe('rules under a time scale', () => {
  const env = { seed: '42', messages: 'real', armedAt: 0, timeScale: 0.1 } as const;
  const effectsAt = (fault: unknown) =>
    compileRules([{ fault }], env).decide(requestFacts(), { now: 0, wall: 1_000_000 }).faults[0]!.effects;
  const headersOf = (fault: unknown): Record<string, string> => {
    const [effect] = effectsAt(fault);
    return effect?.do === 'respond' ? Object.fromEntries(effect.headers) : {};
  };

  it('decide on scaled effects', () => {
    expect(effectsAt({ kind: 'latency', delay: '2s' })).toEqual([{ do: 'delay', at: 'request', ms: 200 }]);
  });

  it('tell when to come back in real time, rounded up', () => {
    expect(headersOf({ kind: 'http-error', name: 'rate-limit', retry_after: 16 })['retry-after']).toBe('2');
    expect(headersOf({ kind: 'http-error', name: 'rate-limit', retry_after: 10 })['retry-after']).toBe('1');
    expect(headersOf({ kind: 'http-error', name: 'rate-limit', retry_after: 0 })['retry-after']).toBe('0');
    const ms = headersOf({ kind: 'http-error', status: 429, retry_after: { ms: 1500 } });
    expect(ms['retry-after-ms']).toBe('150');
    expect(headersOf({ kind: 'http-error', status: 429, retry_after: { text: '16' } })['retry-after']).toBe(
      '16',
    );
  });

  it('tell the edge’s hint in real time too', () => {
    const [effect] = effectsAt({ kind: 'edge-error', name: 'cloudflare-522', retry_after: 120 });
    expect(effect).toMatchObject({ do: 'respond', body: expect.stringContaining('"retry_after":12,') });
  });
});

describe('since: first-call', () => {
  it('is one moment for all rules, of calls and of connections', () => {
    const trigger = { window: { from: '10s', since: 'first-call' } };
    const rules = compileRules(
      [
        { name: 'late', when: { path: '/late' }, trigger, fault: 'overloaded' },
        { name: 'line', trigger, fault: { kind: 'connect-failure', how: 'reset' } },
      ],
      { seed: '42', messages: 'real', armedAt: 0, timeScale: 0.5 },
    );
    const decide = (path: string, now: number) => rules.decide(requestFacts({ path }), { now, wall: 0 }).rule;
    const connect = (now: number) => rules.decideConnection(requestFacts(), { now, wall: 0 }).rule;
    expect(connect(60_000)).toBeNull();
    expect(decide('/late', 64_000)).toBeNull();
    expect(decide('/late', 65_000)).toBe('late');
    expect(connect(64_999)).toBeNull();
    expect(connect(65_000)).toBe('line');
  });
});

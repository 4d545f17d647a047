/** The counts of a run, and their text. */
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { ExchangeFold } from '../../src/observe/finished-exchange.ts';
import { addCounts, NO_COUNTS, type Summary, SummaryFold } from '../../src/observe/summary.ts';
import { summaryText } from '../../src/observe/summary-text.ts';
import { applied, decided, ended, injected, passing, skippedFault, unreachable } from './sample-events.ts';

function summarize(events: readonly ProxyEvent[]): Summary {
  const exchanges = new ExchangeFold();
  const summary = new SummaryFold();
  for (const event of events) summary.observe(event, exchanges.observe(event));
  return summary.current();
}

const text = (summary: Summary) => summaryText(summary, 184_000, pc.createColors(false));

const MIXED = [
  ...passing(1),
  ...injected(2),
  ...injected(3),
  ...unreachable(4),
  decided(5),
  ended(5, { cause: 'natural', status: 529 }),
  decided(6),
  ended(6, { how: 'client-abort', cause: 'natural' }),
  decided(7),
  skippedFault(7, 'the stream was too short'),
  ended(7),
  decided(8),
  ended(8, { how: 'shutdown', cause: 'natural' }),
];

describe('counts of several processes', () => {
  it('add up to those of one that saw it all', () => {
    const others = [
      ...injected(21),
      ...unreachable(22),
      decided(23),
      skippedFault(23, 'no stream'),
      ended(23),
    ];
    const onConnections = (connection: number): ProxyEvent => applied(0, { connection });
    const parts = [MIXED, [], [...others, onConnections(90)], [onConnections(91)]].map(summarize);
    const whole = summarize([...MIXED, ...others, onConnections(90), onConnections(91)]);
    expect(parts.reduce(addCounts, NO_COUNTS)).toEqual(whole);
    expect(whole.connectionsInjected).toBe(2);
  });

  it('are none of none', () => {
    expect(NO_COUNTS).toEqual(summarize([]));
  });
});

describe('the summary', () => {
  it('counts every call once', () => {
    const summary = summarize(MIXED);
    expect(summary).toMatchObject({
      seen: 8,
      injected: 2,
      passed: 2,
      natural: 2,
      abandoned: 1,
      stopped: 1,
      skipped: 1,
    });
    const { injected: a, passed, natural, abandoned, stopped } = summary;
    expect(a + passed + natural + abandoned + stopped).toBe(summary.seen);
    expect(summary.byFault).toEqual({ 'default/http-error': 2 });
    expect(summary.byReason).toEqual({ 'upstream-dns': 1, 'status 529': 1 });
    expect(summary.bySkip).toEqual({ 'the stream was too short': 1 });
  });

  it('counts a call that is under way not yet', () => {
    expect(summarize([decided(1), applied(1)]).seen).toBe(0);
  });

  it('counts a fault with two effects once, two faults each', () => {
    const twice = [applied(1, { effect: 'delay 5 ms' }), applied(1), applied(1, { fault: 'latency' })];
    expect(summarize([decided(1), ...twice, ended(1, { cause: 'injected' })]).byFault).toEqual({
      'default/http-error': 1,
      'default/latency': 1,
    });
  });

  it('counts connections that never came to a call for themselves', () => {
    const refused = { rule: 'down', fault: 'refuse', connection: 9 };
    const summary = summarize([
      applied(0, refused),
      applied(0, { ...refused, fault: 'latency' }),
      applied(0, { ...refused, connection: 10 }),
    ]);
    expect(summary).toMatchObject({ seen: 0, connectionsInjected: 2 });
    expect(text(summary)).toContain('2 connections met a fault before a call or between calls.');
  });

  it('says it in sentences', () => {
    expect(text(summarize(MIXED))).toBe(
      [
        '8 calls in 3 min 4 s: 2 injected, 2 passed, 2 failed by themselves, 1 given up by the client, 1 cut off at the end.',
        '  Injected: default/http-error 2×',
        '  Failed by themselves: upstream-dns 1×, status 529 1×',
        '  Faults that could not act: the stream was too short 1×',
      ].join('\n'),
    );
    expect(text(summarize(passing(1)))).toBe(
      '1 call in 3 min 4 s: 0 injected, 1 passed, 0 failed by themselves.',
    );
    expect(text(summarize([]))).toBe('No call came through in 3 min 4 s.');
  });

  it('stays small however many names there are', () => {
    const events = Array.from({ length: 5000 }, (_, i) => [
      applied(0, { connection: i, rule: `r${i}` }),
      decided(i + 1),
      skippedFault(i + 1, `reason ${i}`),
      ended(i + 1),
    ]).flat();
    const summary = summarize(events);
    expect(Object.keys(summary.byFault).length).toBeLessThanOrEqual(201);
    expect(Object.values(summary.bySkip).reduce((a, b) => a + b)).toBe(5000);
    expect(summary.connectionsInjected).toBe(5000);
  });
});

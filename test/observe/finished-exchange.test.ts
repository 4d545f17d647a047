/** What became of a call, told from its events. */
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { ExchangeFold, type FinishedExchange } from '../../src/observe/finished-exchange.ts';
import {
  applied,
  decided,
  ended,
  failed,
  head,
  injected,
  passing,
  skippedFault,
  unreachable,
} from './sample-events.ts';

function fold(events: readonly ProxyEvent[]): FinishedExchange[] {
  const exchanges = new ExchangeFold();
  return events.flatMap((event) => exchanges.observe(event) ?? []);
}

const verdict = (...events: ProxyEvent[]) => fold(events).map((call) => call.verdict);

describe('the verdict', () => {
  it('tells injected, passed and natural apart', () => {
    expect(verdict(...passing(1))).toEqual(['passed']);
    expect(verdict(...injected(1))).toEqual(['injected']);
    expect(verdict(...unreachable(1))).toEqual(['natural']);
  });

  it('is injected for a call that was only slowed down', () => {
    expect(verdict(decided(1), applied(1, { effect: 'delay 1500 ms' }), head(1), ended(1))).toEqual([
      'injected',
    ]);
  });

  it('is natural for a slowed call whose upstream then failed by itself', () => {
    expect(
      verdict(
        decided(1),
        applied(1, { effect: 'delay 5 ms' }),
        failed(1, 'upstream-reset', 'x'),
        ended(1, { cause: 'natural', status: 502 }),
      ),
    ).toEqual(['natural']);
  });

  it('is natural for an error that the upstream itself sent', () => {
    expect(verdict(decided(1), ended(1, { cause: 'natural', status: 529 }))).toEqual(['natural']);
  });

  it('is abandoned for a client that went away untouched, injected for one that a fault drove away', () => {
    expect(verdict(decided(1), ended(1, { how: 'client-abort', cause: 'natural' }))).toEqual(['abandoned']);
    expect(verdict(decided(1), ended(1, { how: 'client-abort' }))).toEqual(['abandoned']);
    expect(
      verdict(
        decided(1),
        applied(1, { effect: 'hang at request' }),
        ended(1, { how: 'client-abort', cause: 'injected', status: 0 }),
      ),
    ).toEqual(['injected']);
    expect(verdict(decided(1), applied(1), ended(1, { how: 'client-abort', cause: 'natural' }))).toEqual([
      'injected',
    ]);
  });

  it('is stopped for one that we cut off', () => {
    expect(verdict(decided(1), ended(1, { how: 'shutdown', cause: 'natural' }))).toEqual(['stopped']);
  });

  it('is not injected where the fault was only planned', () => {
    expect(verdict(decided(1, { faults: ['stream-error'] }), skippedFault(1, 'too short'), ended(1))).toEqual(
      ['passed'],
    );
  });
});

describe('the record', () => {
  it('gathers what belongs to the call, however calls overlap', () => {
    const [first, second] = [injected(1), unreachable(2)];
    const calls = fold([
      first[0]!,
      second[0]!,
      first[1]!,
      second[1]!,
      second[2]!,
      first[2]!,
      second[3]!,
      first[3]!,
    ]);
    expect(
      calls.map(({ exchange, status, applied, error }) => [exchange, status, applied.length, error?.code]),
    ).toEqual([
      [2, 502, 0, 'upstream-dns'],
      [1, 529, 1, undefined],
    ]);
  });

  it('holds skips of the decision and later ones', () => {
    const skip = { rule: 'a', fault: 'tls', reason: 'no TLS here' };
    const [call] = fold([decided(1, { skipped: [skip] }), skippedFault(1, 'too short'), ended(1)]);
    expect(call!.skipped.map(({ reason }) => reason)).toEqual(['no TLS here', 'too short']);
  });

  it('is made of its end alone where no request came', () => {
    const [call] = fold([ended(7, { how: 'bad-request', cause: 'natural', status: 400, source: 'proxy' })]);
    expect([call!.decided, call!.verdict]).toEqual([undefined, 'natural']);
  });

  it('leaves faults of connections without a call alone', () => {
    expect(fold([applied(0), skippedFault(0, 'x'), ...passing(1)])[0]!.applied).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Effect, TlsEffect } from './effect.ts';
import { actsOnConnection, clash, STEPS, stepOf } from './effect-order.ts';

const tls = (as: TlsEffect['as']): Effect => ({ do: 'tls', as });
const respond = (status: number, ...headers: [string, string][]): Effect => ({
  do: 'respond',
  status,
  reason: '',
  headers,
  body: '',
});
const filter = { do: 'filter', open: () => ({}) } as unknown as Effect;
const rewrite = { do: 'rewrite', rewrite: () => ({}) } as unknown as Effect;
const requestEnd: Effect = { do: 'end', at: 'request', how: 'reset' };
const headEnd: Effect = { do: 'end', at: 'head', how: 'reset' };
const idleEnd: Effect = { do: 'end', at: 'idle', how: 'close' };
const upCut: Effect = { do: 'cut', direction: 'up', bytes: 1, how: 'reset' };
const downCut: Effect = { do: 'cut', direction: 'down', bytes: 1, how: 'reset' };
const upThrottle: Effect = { do: 'throttle', direction: 'up', bytesPerSecond: 1 };
const downThrottle: Effect = { do: 'throttle', direction: 'down', bytesPerSecond: 1 };
const headDelay: Effect = { do: 'delay', at: 'head', ms: 1 };
const refuse: Effect = { do: 'refuse', status: 502, reason: '', headers: [], body: '' };
const head: Effect = { do: 'head', status: 500 };

/** All effects, in the order in which they act. */
const IN_ORDER: readonly Effect[] = [
  { do: 'delay', at: 'accept', ms: 1 },
  refuse,
  { do: 'end', at: 'accept', how: 'reset' },
  { do: 'end', at: 'tls', how: 'reset' },
  tls('expired'),
  { do: 'end', at: 'secure', how: 'reset' },
  { do: 'delay', at: 'request', ms: 1 },
  upThrottle,
  upCut,
  requestEnd,
  respond(529),
  headDelay,
  headEnd,
  head,
  filter,
  rewrite,
  downThrottle,
  downCut,
  idleEnd,
];

it('has a step of its own for each effect, in this order', () => {
  expect(IN_ORDER.map(stepOf)).toEqual(STEPS);
});

it('acts on the connection before a request was read, and on the call from there', () => {
  expect(IN_ORDER.map(actsOnConnection)).toEqual(IN_ORDER.map((_, i) => i < 6));
});

/** Both ways round, as it must not matter which fault is named first. */
const clashes = (one: Effect, other: Effect) => {
  const reason = clash(one, other);
  expect(clash(other, one)).toBe(reason);
  return reason;
};

describe('two effects of one call', () => {
  it.each([
    ['a refusal and an answer', refuse, respond(529)],
    ['two answers', respond(529), respond(500)],
    ['two ends', requestEnd, headEnd],
    ['an answer and an end in its place', respond(529), headEnd],
    ['an alert and an answer', tls('alert'), respond(529)],
    ['an old protocol and an answer', tls('old-protocol'), respond(529)],
  ])('clash where each is the last: %s', (_what, one, other) => {
    expect(clashes(one, other)).toBe('each of them answers or ends the call');
  });

  it.each(['expired', 'wrong-host', 'untrusted', 'self-signed'] as const)(
    'do not where the certificate is %s, as a client may take it',
    (as) => {
      expect(clashes(tls(as), respond(529))).toBeUndefined();
      expect(clashes(tls(as), head)).toBeUndefined();
    },
  );

  it('clash where one direction is cut twice, or a handshake goes wrong in two ways', () => {
    expect(clashes(upCut, upCut)).toBe('one direction is cut once');
    expect(clashes(downCut, downCut)).toBe('one direction is cut once');
    expect(clashes(upCut, downCut)).toBeUndefined();
    expect(clashes(tls('expired'), tls('untrusted'))).toBe('a handshake can go wrong in one way only');
    expect(clashes(idleEnd, { ...idleEnd, how: 'reset' } as Effect)).toBe(
      'a connection that idles is ended once',
    );
  });

  it('may both wait, slow down or change the head', () => {
    for (const effect of [headDelay, upThrottle, downThrottle, head, filter]) {
      expect(clashes(effect, { ...effect })).toBeUndefined();
    }
  });

  it('clash where one ends the call before the answer that the other changes', () => {
    for (const later of [headDelay, head, filter, rewrite, downThrottle, downCut]) {
      expect(clashes(requestEnd, later)).toBe('the call ends before there is an answer to change');
    }
    expect(clashes(tls('alert'), head)).toBe('the call ends before there is an answer to change');
    expect(clashes(upThrottle, requestEnd)).toBeUndefined();
  });

  it('may change an answer of ours but for a stream or a body of the upstream', () => {
    for (const later of [headDelay, head, downThrottle, downCut]) {
      expect(clashes(respond(529), later)).toBeUndefined();
    }
    expect(clashes(respond(529), rewrite)).toBe('there is no answer of the upstream to rewrite');
  });

  it.each([
    ['text/event-stream', 200, true],
    [' Text/Event-Stream; charset=utf-8', 299, true],
    ['text/event-stream', 300, false],
    ['text/event-streams', 200, false],
    ['x-text/event-stream', 200, false],
    ['application/json', 200, false],
  ])('may be a stream fault and an answer of ours of %s and %i: %s', (type, status, may) => {
    const reason = may ? undefined : 'a stream fault needs an event stream, and the injected answer is none';
    expect(clashes(respond(status, ['X-A', 'b'], ['Content-Type', type]), filter)).toBe(reason);
    expect(clashes(respond(status, ['Content-Type', type]), rewrite)).toBe(
      'there is no answer of the upstream to rewrite',
    );
    // Another header that says so is no content type.
    expect(clashes(respond(status, ['Accept', type]), filter)).toBeDefined();
  });
});

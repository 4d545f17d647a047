/** Hand-made events, as the engine emits them. */
import type { ProxyEvent } from '../../src/core/events.ts';

const AT = Date.UTC(2026, 10, 23, 12, 3, 4, 5);

type Of<T extends ProxyEvent['type']> = Extract<ProxyEvent, { type: T }>;
type Change<T extends ProxyEvent['type']> = Partial<Omit<Of<T>, 'type' | 'v'>>;

export const decided = (exchange: number, change: Change<'exchange.decided'> = {}): ProxyEvent => ({
  v: 1,
  type: 'exchange.decided',
  at: AT,
  exchange,
  connection: 3,
  via: 'connect',
  tls: true,
  method: 'POST',
  host: 'api.anthropic.com',
  port: 443,
  path: '/v1/messages',
  attempt: 0,
  client: 'abcdef012345',
  rule: null,
  nth: 0,
  ordinal: exchange,
  faults: [],
  why: 'no rule fired',
  skipped: [],
  ...change,
});

export const applied = (exchange: number, change: Change<'fault.applied'> = {}): ProxyEvent => ({
  v: 1,
  type: 'fault.applied',
  at: AT,
  exchange,
  connection: 3,
  rule: 'default',
  fault: 'http-error',
  effect: 'respond 529',
  ...change,
});

export const skippedFault = (exchange: number, reason: string): ProxyEvent => ({
  v: 1,
  type: 'fault.skipped',
  at: AT,
  exchange,
  connection: 3,
  rule: 'cut',
  fault: 'stream-error',
  reason,
});

export const head = (exchange: number, change: Change<'exchange.head'> = {}): ProxyEvent => ({
  v: 1,
  type: 'exchange.head',
  at: AT,
  exchange,
  status: 200,
  source: 'upstream',
  ms: 12.3456,
  ...change,
});

export const failed = (exchange: number, code: string, message: string): ProxyEvent => ({
  v: 1,
  type: 'exchange.error',
  at: AT,
  exchange,
  cause: 'natural',
  code,
  message,
});

export const ended = (exchange: number, change: Change<'exchange.ended'> = {}): ProxyEvent => ({
  v: 1,
  type: 'exchange.ended',
  at: AT,
  exchange,
  how: 'complete',
  cause: null,
  status: 200,
  source: 'upstream',
  bytesUp: 1234,
  bytesDown: 567_890,
  ms: 412.25,
  ...change,
});

export const notice = (code: string, message: string): ProxyEvent => ({
  v: 1,
  type: 'notice',
  at: AT,
  code,
  message,
});

/** A call that passes. */
export const passing = (exchange: number): ProxyEvent[] => [
  decided(exchange),
  head(exchange),
  ended(exchange),
];

/** A call that gets an injected 529. */
export const injected = (exchange: number): ProxyEvent[] => [
  decided(exchange, { rule: 'default', nth: exchange, faults: ['http-error'], why: 'rule default fired' }),
  applied(exchange),
  head(exchange, { status: 529, source: 'injected' }),
  ended(exchange, { cause: 'injected', status: 529, source: 'injected', bytesDown: 400, ms: 0.4 }),
];

/** A call whose upstream could not be reached. */
export const unreachable = (exchange: number): ProxyEvent[] => [
  decided(exchange),
  failed(exchange, 'upstream-dns', 'api.anthropic.com has no address'),
  head(exchange, { status: 502, source: 'proxy' }),
  ended(exchange, { cause: 'natural', status: 502, source: 'proxy' }),
];

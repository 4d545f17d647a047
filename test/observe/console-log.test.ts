/** What is shown for each event, in both formats. */
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { ConsoleLog, type ConsoleLogOptions } from '../../src/observe/console-log.ts';
import { ExchangeFold } from '../../src/observe/finished-exchange.ts';
import {
  applied,
  decided,
  ended,
  failed,
  injected,
  notice,
  passing,
  skippedFault,
  unreachable,
} from './sample-events.ts';

function show(events: readonly ProxyEvent[], options: Partial<ConsoleLogOptions> = {}) {
  let out = '';
  let warnings = '';
  const log = new ConsoleLog({
    format: 'pretty',
    quiet: false,
    verbose: false,
    colors: pc.createColors(false),
    out: { write: (text) => (out += text) },
    warnings: { write: (text) => (warnings += text) },
    ...options,
  });
  const exchanges = new ExchangeFold();
  for (const event of events) log.observe(event, exchanges.observe(event));
  log.flush();
  // The time of day depends on the zone of the machine.
  const lines = (text: string) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
  return { out: lines(out), warnings: lines(warnings) };
}

const json = (events: readonly ProxyEvent[], options = {}) =>
  show(events, { format: 'json', ...options }).out.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('what a client sends', () => {
  const bad = '\x1b[2J\u0085\u009b31m\u00ad\u200b\u202e\u2066\ufeff\u{e0041}\u3164\u2028';
  const events = [
    decided(1, { path: `/${bad}`, model: bad, why: bad }),
    applied(1, { effect: bad }),
    failed(1, 'io', bad),
    ended(1),
    notice('x', bad),
  ];

  it.each(['pretty', 'json'] as const)('moves no cursor, and hides nothing, in the %s log', (format) => {
    const { out, warnings } = show(events, { format, verbose: true });
    expect(out.length + warnings.length).toBeGreaterThan(1);
    for (const line of [...out, ...warnings]) expect(line).toMatch(/^[\x20-\x7e…]+$/);
    expect([...out, ...warnings].join('')).toMatch(
      format === 'pretty' ? /\\xad.*\\u\{e0041\}/s : /\\u00ad.*\\udb40\\udc41/s,
    );
  });
});

describe('the pretty log', () => {
  it('has one aligned line per call, and tells injected, passed and natural apart', () => {
    const { out, warnings } = show([...injected(1), ...passing(2), ...unreachable(3)]);
    expect(out).toEqual([
      'INJECTED  529   <1 ms  POST /v1/messages         default/http-error: respond 529',
      'passed    200  412 ms  POST /v1/messages',
      'FAILED    502  412 ms  POST /v1/messages         not injected: api.anthropic.com has no address',
    ]);
    expect(warnings).toHaveLength(1);
  });

  it('shows model, retry, a call without an answer, and what was skipped', () => {
    const { out } = show([
      decided(1, { model: 'claude-opus-4-5', attempt: 2 }),
      applied(1, { effect: 'delay 1500 ms' }),
      applied(1, { effect: 'reset at head' }),
      ended(1, { how: 'fault-end', cause: 'injected', status: 0, source: 'none' }),
      decided(2),
      skippedFault(2, 'the answer was no stream'),
      ended(2),
    ]);
    expect(out).toEqual([
      'INJECTED  ---  412 ms  POST /v1/messages claude-opus-4-5 (retry 2)  default/http-error: delay 1500 ms, reset at head',
      'passed    200  412 ms  POST /v1/messages         skipped: the answer was no stream',
    ]);
  });

  it('names who was at fault when a call broke off', () => {
    const { out } = show([
      decided(1),
      ended(1, { how: 'upstream-abort', cause: 'natural' }),
      decided(2),
      ended(2, { how: 'client-abort', cause: 'natural' }),
      decided(3),
      ended(3, { how: 'shutdown', cause: 'natural' }),
      decided(4),
      ended(4, { cause: 'natural', status: 529 }),
      ended(5, { how: 'bad-request', cause: 'natural', status: 400, source: 'proxy' }),
    ]);
    expect(out.map((line) => line.slice(23))).toEqual([
      'POST /v1/messages         not injected: the upstream broke off its answer',
      'POST /v1/messages         the client went away',
      'POST /v1/messages         the proxy was stopped',
      'POST /v1/messages         not injected: the upstream answered 529',
      '(no request)              not injected: what came was not HTTP that is accepted here',
    ]);
  });

  it('shows connections that failed before a call', () => {
    const { out } = show([
      applied(0, { connection: 9, rule: 'down', fault: 'refuse', effect: 'refuse 503' }),
    ]);
    expect(out).toEqual(['INJECTED  ---          connection 9              down/refuse: refuse 503']);
  });

  it('says more with verbose, and shows tunnels and connection errors only then', () => {
    const events: ProxyEvent[] = [
      ...injected(1),
      {
        v: 1,
        type: 'tunnel.ended',
        at: 0,
        connection: 4,
        host: 'example.com',
        port: 443,
        bytesUp: 10,
        bytesDown: 2_000_000,
        ms: 61_000,
      },
      // In tunnels of the fault proxy a plugin knows less.
      { v: 1, type: 'tunnel.ended', at: 0, connection: 6, bytesUp: 10, bytesDown: 20, ms: 0 },
      { v: 1, type: 'tunnel.ended', at: 0, connection: 7, host: 'a.corp', bytesUp: 1, bytesDown: 2, ms: 0 },
      {
        v: 1,
        type: 'connection.error',
        at: 0,
        connection: 5,
        code: 'client-reset',
        message: 'the client reset it',
      },
    ];
    expect(show(events).out).toHaveLength(1);
    expect(show(events, { verbose: true }).out.slice(1)).toEqual([
      '          rule default fired',
      '          call 1 on connection 3, via connect with TLS to api.anthropic.com:443, key abcdef012345',
      '          done by default/http-error: respond 529',
      '          1.2 kB up, 400 B down, ended: complete',
      'tunnel to example.com:443: 10 B up, 2 MB down, 1 min 1 s',
      'tunnel: 10 B up, 20 B down, <1 ms',
      'tunnel to a.corp: 1 B up, 2 B down, <1 ms',
      'connection 5: the client reset it',
    ]);
  });

  it('shows no call with quiet, but what the user must know', () => {
    const { out, warnings } = show(
      [...injected(1), ...unreachable(2), applied(0), notice('x', 'read this')],
      { quiet: true },
    );
    expect(out).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^hint: .*--upstream mock/), 'note: read this']);
  });

  it('says a notice once, and a hint once for each kind of trouble', () => {
    const { warnings } = show([
      notice('a', 'one'),
      notice('a', 'one'),
      notice('a', 'two'),
      failed(1, 'upstream-dns', 'x'),
      failed(2, 'upstream-dns', 'y'),
      failed(3, 'upstream-tls', 'the certificate of h was not accepted: z'),
      failed(4, 'upstream-reset', 'no cure for this'),
    ]);
    expect(warnings.map((line) => line.slice(0, 25))).toEqual([
      'note: one',
      'note: two',
      expect.stringContaining('hint: The API'),
      expect.stringContaining('hint: The certificate'),
    ]);
  });

  it('lets no client write to the terminal', () => {
    const path = '/v1\u001b[2J\u0007\u202e/x\r\nFAKE';
    const { out } = show([decided(1, { path, method: 'GE\u001bT' }), ended(1)]);
    expect(out).toEqual([expect.stringContaining('GE\\x1bT /v1\\x1b[2J\\x07\\u{202e}/x\\x0d\\x0aFAKE')]);
  });
});

describe('the JSON log', () => {
  it('has one object per call', () => {
    expect(json([...injected(1), ...unreachable(2)])).toEqual([
      {
        v: 1,
        type: 'exchange',
        at: expect.any(Number),
        exchange: 1,
        verdict: 'injected',
        status: 529,
        source: 'injected',
        method: 'POST',
        host: 'api.anthropic.com',
        port: 443,
        path: '/v1/messages',
        via: 'connect',
        tls: true,
        connection: 3,
        attempt: 0,
        client: 'abcdef012345',
        rule: 'default',
        nth: 1,
        ordinal: 1,
        why: 'rule default fired',
        applied: [{ rule: 'default', fault: 'http-error', effect: 'respond 529' }],
        skipped: [],
        how: 'complete',
        bytesUp: 1234,
        bytesDown: 400,
        ms: 0.4,
      },
      expect.objectContaining({ type: 'notice', code: 'hint' }),
      expect.objectContaining({
        exchange: 2,
        verdict: 'natural',
        rule: null,
        error: { code: 'upstream-dns', message: 'api.anthropic.com has no address' },
      }),
    ]);
  });

  it('keeps notices in the same stream', () => {
    const { out, warnings } = show([notice('a', 'one')], { format: 'json', quiet: true });
    expect(warnings).toEqual([]);
    expect(JSON.parse(out[0]!)).toMatchObject({ type: 'notice', code: 'a', message: 'one' });
  });
});

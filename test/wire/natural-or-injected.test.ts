/**
 * Nothing natural is ever counted as injected, nor the other way round: an upstream that fails by itself in every way,
 * mixed with injected faults of the same kinds. What is planned for each call is worked out beforehand, from the same
 * rules and seed, and log, headers and summary must agree with it call by call.
 */
import { describe, expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { createRandom } from '../../src/core/random.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import type { FinishedExchange } from '../../src/observe/finished-exchange.ts';
import type { Summary } from '../../src/observe/summary.ts';
import { failingUpstream, NATURAL, type Natural } from '../support/failing-upstream.ts';
import { foldEvents } from '../support/fold-events.ts';
import { type CallResult, call } from '../support/http-call.ts';
import { MODES, type Mode, openClient } from '../support/modes.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import { atMs, requestFacts } from '../support/request-facts.ts';

const CALLS = 240;
const ENV = { seed: '2026', messages: 'real' } as const;

/** Faults by what they need in order to act. */
const ANSWERS = [
  { kind: 'http-error', status: 429 },
  { kind: 'http-error', status: 500 },
  { kind: 'http-error', status: 529 },
  { kind: 'edge-error', name: 'cloudflare-502' },
];
const BEFORE = [
  { kind: 'disconnect', how: 'reset', at: 'request' },
  { kind: 'disconnect', how: 'close', at: 'request' },
];
const ON_HEAD = [{ kind: 'disconnect', how: 'reset', at: 'head' }];
const ON_STREAM = [
  { kind: 'stream-error', after: 'message_start', error: 'overloaded_error' },
  { kind: 'stream-cut', after: 'message_start', how: 'reset' },
  { kind: 'stream-cut', after: 'message_start', how: 'close' },
];
const RULES = [
  { name: 'cut', trigger: { probability: 0.1 }, fault: { kind: 'connect-failure', how: 'reset' } },
  { name: 'slow', trigger: { probability: 0.15 }, fault: { kind: 'latency', delay: '1ms' } },
  {
    name: 'mix',
    trigger: { probability: 0.5 },
    outcomes: [...ANSWERS, ...BEFORE, ...ON_HEAD, ...ON_STREAM].map((fault) => ({ fault })),
  },
];

/** What the upstream does by itself, as the proxy tells it of a call that no fault touched. */
const ALONE: Record<Natural, Partial<FinishedExchange> & { readonly code?: string }> = {
  ok: { verdict: 'passed', how: 'complete', status: 200, source: 'upstream' },
  stream: { verdict: 'passed', how: 'complete', status: 200, source: 'upstream' },
  'stream-error': {
    ...{ verdict: 'natural', how: 'complete', status: 200, source: 'upstream' },
    code: 'upstream-stream-error',
  },
  'status-429': { verdict: 'natural', how: 'complete', status: 429, source: 'upstream' },
  'status-500': { verdict: 'natural', how: 'complete', status: 500, source: 'upstream' },
  'status-529': { verdict: 'natural', how: 'complete', status: 529, source: 'upstream' },
  'stream-reset': broken('upstream'),
  'stream-close': broken('upstream'),
  reset: unreached('upstream-reset'),
  close: unreached('upstream-reset'),
  'no-http': unreached('upstream-bad-response'),
  refused: unreached('upstream-refused'),
  'dial-reset': unreached('upstream-reset'),
  'bad-tls': unreached('upstream-tls'),
  untrusted: unreached('upstream-tls'),
};

function broken(source: 'upstream'): Partial<FinishedExchange> & { code: string } {
  return { verdict: 'natural', how: 'upstream-abort', status: 200, source, code: 'upstream-reset' };
}

function unreached(code: string): Partial<FinishedExchange> & { code: string } {
  return { verdict: 'natural', how: 'complete', status: 502, source: 'proxy', code };
}

type Plan = 'nothing' | 'cut' | 'latency' | 'answer' | 'before' | 'on head' | 'on stream';

interface Planned {
  readonly plan: Plan;
  /** `<rule>/<fault>`. */
  readonly name: string;
  readonly status: number;
}

/** Decides every call beforehand, as rules and seed promise; nothing of the proxy takes part in it. */
function plans(): readonly Planned[] {
  const rules = compileRules(RULES, ENV);
  return Array.from({ length: CALLS }, (): Planned => {
    const facts = requestFacts();
    if (rules.decideConnection(facts, atMs(0)).rule !== null)
      return { plan: 'cut', name: 'cut/connect-failure', status: 0 };
    const { rule, faults } = rules.decide(facts, atMs(0));
    const [fault] = faults;
    if (fault === undefined) return { plan: 'nothing', name: '', status: 0 };
    const [effect] = fault.effects;
    const name = `${rule}/${fault.kind}`;
    if (effect?.do === 'respond') return { plan: 'answer', name, status: effect.status };
    if (effect?.do === 'delay') return { plan: 'latency', name, status: 0 };
    if (effect?.do === 'filter') return { plan: 'on stream', name, status: 0 };
    return { plan: effect?.do === 'end' && effect.at === 'head' ? 'on head' : 'before', name, status: 0 };
  });
}

/** True when the fault can act on what this upstream does. */
function acts(plan: Plan, natural: Natural): boolean {
  if (plan === 'nothing') return false;
  if (plan === 'on head') return ALONE[natural].source === 'upstream';
  if (plan === 'on stream') return natural.startsWith('stream');
  return true;
}

interface Call {
  readonly planned: Planned;
  readonly natural: Natural;
  readonly seen: CallResult | undefined;
  readonly finished: FinishedExchange | undefined;
  readonly events: readonly ProxyEvent[];
}

async function run(mode: Mode): Promise<{ calls: readonly Call[]; summary: Summary }> {
  const upstream = await failingUpstream();
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    upstreamCa: upstream.ca,
    rules: compileRules(RULES, ENV),
  });
  const random = createRandom('natural', 'kinds');
  const made: Omit<Call, 'finished' | 'events'>[] = [];
  for (const planned of plans()) {
    const natural = NATURAL[Math.floor(random.draw(made.length + 1) * NATURAL.length)]!;
    await upstream.next(natural);
    const seen = await oneCall(proxy, mode);
    made.push({ planned, natural, seen });
    const exchange = made.filter((one) => one.planned.plan !== 'cut').length;
    if (planned.plan === 'cut')
      await proxy.event('fault.applied', ({ connection }) => connection === made.length);
    else await proxy.event('exchange.ended', (ended) => ended.exchange === exchange);
  }
  const { exchanges, summary } = foldEvents(proxy.events);
  let exchange = 0;
  const calls = made.map((one): Call => {
    if (one.planned.plan === 'cut') return { ...one, finished: undefined, events: [] };
    const number = ++exchange;
    const events = proxy.events.filter((event) => 'exchange' in event && event.exchange === number);
    return { ...one, finished: exchanges.get(number), events };
  });
  return { calls, summary };
}

async function oneCall(proxy: TestProxy, mode: Mode): Promise<CallResult | undefined> {
  try {
    const client = await openClient(mode, proxy);
    atEnd(() => client.raw.destroy());
    const result = await call(client, '/v1/messages', '{}');
    client.raw.destroy();
    return result;
  } catch {
    return undefined; // its connection was reset before the call
  }
}

/** What a call must have come to, from what was planned and what the upstream did. */
function expected({ planned, natural }: Call): Partial<FinishedExchange> {
  const { code: _, ...alone } = ALONE[natural];
  switch (acts(planned.plan, natural) ? planned.plan : 'nothing') {
    case 'nothing':
      return alone;
    case 'latency':
      return { ...alone, verdict: alone.verdict === 'passed' ? 'injected' : 'natural' };
    case 'answer':
      return { verdict: 'injected', how: 'complete', status: planned.status, source: 'injected' };
    case 'on stream':
      return {
        verdict: 'injected',
        how: planned.name === 'mix/stream-error' ? 'complete' : 'fault-end',
        status: 200,
        source: 'upstream',
      };
    default:
      return { verdict: 'injected', how: 'fault-end', status: 0, source: 'none' };
  }
}

describe.each(MODES)('%s', (mode) => {
  it('tells every call apart', async () => {
    const { calls, summary } = await run(mode);
    const said = (one: Call): string => `${one.planned.name || 'nothing'} on ${one.natural}`;
    const verdicts = { injected: 0, passed: 0, natural: 0 };
    const byReason: Record<string, number> = {};
    const byFault: Record<string, number> = {};
    for (const one of calls) {
      const { planned, natural, seen, finished, events } = one;
      const acted = acts(planned.plan, natural);
      if (acted) byFault[planned.name] = (byFault[planned.name] ?? 0) + 1;
      if (planned.plan === 'cut') {
        expect(seen?.head, said(one)).toBeUndefined();
        continue;
      }
      const want = expected(one);
      expect(finished, said(one)).toMatchObject(want);
      verdicts[want.verdict as keyof typeof verdicts]++;

      // The log: applied where it acted, skipped with a reason where it could not, an error only for what is natural.
      const named = (type: ProxyEvent['type']): string[] =>
        events.flatMap((event) =>
          event.type === type && 'fault' in event ? [`${event.rule}/${event.fault}`] : [],
        );
      expect([...new Set(named('fault.applied'))], said(one)).toEqual(acted ? [planned.name] : []);
      const idle = planned.plan !== 'nothing' && !acted;
      expect([...new Set(named('fault.skipped'))], said(one)).toEqual(idle ? [planned.name] : []);
      const { code } = ALONE[natural];
      const errors = events.flatMap((event) => (event.type === 'exchange.error' ? [event.code] : []));
      expect(errors, said(one)).toEqual(want.verdict === 'natural' && code !== undefined ? [code] : []);
      if (want.verdict === 'natural') {
        const reason = code ?? `status ${want.status}`;
        byReason[reason] = (byReason[reason] ?? 0) + 1;
      }

      // The client: the marker on injected answers alone, the proxy's own header on its own failures alone.
      const answered = planned.plan === 'answer';
      expect(seen?.head?.status ?? 0, said(one)).toBe(want.status);
      expect(seen?.head?.headers.get('x-injected-fault'), said(one)).toBe(
        answered ? planned.name : undefined,
      );
      expect(seen?.head?.headers.get('x-proxy-error'), said(one)).toBe(
        want.source === 'proxy' ? code : undefined,
      );
      if (want.source === 'upstream')
        expect(seen?.head?.headers.get('request-id'), said(one)).toBe('req_natural');
    }
    const cuts = calls.filter(({ planned }) => planned.plan === 'cut').length;
    expect(summary).toMatchObject({
      ...verdicts,
      seen: CALLS - cuts,
      abandoned: 0,
      stopped: 0,
      connectionsInjected: cuts,
      byFault,
      byReason,
    });
    // The mix is one: each way to fail came alone, and each under a fault that acted.
    for (const natural of NATURAL) {
      const same = calls.filter((one) => one.natural === natural).map(({ planned }) => planned.plan);
      expect(same, natural).toContain('nothing');
      expect(
        same.some((plan) => plan === 'answer' || plan === 'before'),
        natural,
      ).toBe(true);
    }
  }, 60_000);
});

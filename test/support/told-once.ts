/** The law of truth: every planned fault is told once, as applied or as skipped, and nothing of a call behind its end. */
import type { ProxyEvent } from '../../src/core/events.ts';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import type { Decision } from '../../src/core/rules/decision.ts';
import { RulesProblem } from '../../src/core/rules/rule-problem.ts';
import type { ArmedRules } from '../../src/core/rules/rule-set.ts';

export type Fault = { readonly kind: string } & Record<string, unknown>;

/** Points and ways that the examples of the catalogue leave out. */
const MORE: readonly Fault[] = [
  { kind: 'bandwidth', down: '1KiB' },
  { kind: 'bandwidth', up: '100B' },
  { kind: 'disconnect', at: 'request' },
  { kind: 'disconnect', at: 'head' },
  { kind: 'disconnect', at: { bytes_up: '100B' } },
  { kind: 'disconnect', at: { bytes_up: '1MiB' } },
  { kind: 'disconnect', at: { bytes_down: '1MiB' } },
  { kind: 'disconnect', at: { idle: '2s' } },
  { kind: 'latency', delay: '1s', at: 'head' },
  { kind: 'rate-limit', requests_per_minute: 1, burst: '1s' },
  { kind: 'slow-body', first_byte: '3s' },
  { kind: 'stream-cut', after: { tokens: 7 }, how: 'close' },
  { kind: 'stream-cut', before: 'content_block_stop 0', how: 'hang' },
  { kind: 'stream-stall', after: { tokens: 6 }, for: '2s' },
  { kind: 'stream-stall', after: { bytes: '700B' } },
  { kind: 'stream-stall', before: 'content_block_stop 0', for: '2s', pings: '1s' },
  { kind: 'timeout', for: '5s' },
  { kind: 'timeout', at: 'head', for: '5s', end: 'reset' },
];

/** Every fault on calls: the examples of the catalogue, and {@link MORE}. */
export const FAULTS: readonly Fault[] = [
  ...[...faultCatalogue.values()]
    .filter(({ phase }) => phase === 'exchange')
    // Megabytes would prove no more.
    .map(({ kind, example }) => ({
      kind,
      ...(example as object),
      ...(kind === 'body-huge' ? { size: '9KiB' } : {}),
    })),
  ...MORE,
];

/** Rules that choose for themselves by the call's number, so that many pairs run at once. */
export function dispatched(all: readonly ArmedRules[]): ArmedRules {
  const owner = new WeakMap<Decision, ArmedRules>();
  const of = (header: string | undefined): ArmedRules => all[Number(header)]!;
  const rules: Pick<ArmedRules, 'seed' | 'needs' | 'readsBody' | 'decide' | 'decideConnection' | 'settle'> = {
    seed: '1',
    needs: { body: all.some(({ needs }) => needs.body), connection: false, usage: true },
    readsBody: (facts) => of(facts.header('x-call')).readsBody(facts),
    decideConnection: () => {
      throw new Error('no rule is about connections');
    },
    decide: (facts, at) => {
      const one = of(facts.header('x-call'));
      const decision = one.decide(facts, at);
      owner.set(decision, one);
      return decision;
    },
    settle: (decision, outcome, at) => owner.get(decision)?.settle(decision, outcome, at),
  };
  return rules as ArmedRules;
}

export interface Pair {
  readonly faults: readonly Fault[];
  readonly rules: ArmedRules;
}

/** All ordered pairs, and each fault alone, that compile. */
export function pairsOf(all: readonly Fault[]): readonly Pair[] {
  const lists = [...all.map((one) => [one]), ...all.flatMap((one) => all.map((other) => [one, other]))];
  return lists.flatMap((faults) => {
    try {
      return [{ faults, rules: compileRules([{ name: 'r', faults }], { seed: '1', messages: 'real' }) }];
    } catch (error) {
      if (error instanceof RulesProblem && faults.length > 1) return [];
      throw error;
    }
  });
}

type Told = Extract<ProxyEvent, { type: 'fault.applied' | 'fault.skipped' }>;

/** What is wrong with the events of one call; undefined when they tell all. */
export function untold({ faults }: Pair, events: readonly ProxyEvent[]): string | undefined {
  const decided = events.find((event) => event.type === 'exchange.decided');
  const told = events.filter((event): event is Told => /^fault\./.test(event.type));
  // Where a rule reads the body, nothing is planned before it is there.
  if (decided === undefined) return told.length === 0 ? undefined : 'told without a decision';
  for (const kind of new Set(faults.map((fault) => fault.kind))) {
    const planned = decided.faults.filter((name) => name === kind).length;
    const of = told.filter(({ fault }) => fault === kind);
    const skipped = of.filter(({ type }) => type === 'fault.skipped').length;
    const applied = of.length - skipped;
    // One that may hold several effects is told as applied for each that takes hold.
    const most = (planned - skipped) * 2;
    const several = /^(bandwidth|timeout)$/.test(kind);
    const right = several
      ? skipped <= planned && applied <= most && (planned === skipped ? applied === 0 : applied > 0)
      : applied + skipped === planned;
    // A fault that only informs is not planned, and may still be told to be unable to.
    if (!right && !(planned === 0 && applied === 0 && skipped <= 1 && kind === 'rate-limit'))
      return `${planned} ${kind} planned, ${applied} applied, ${skipped} skipped`;
  }
  const own = events.filter((event) => 'exchange' in event && event.exchange > 0);
  const ends = own.filter(({ type }) => type === 'exchange.ended').length;
  if (ends !== 1) return `${ends} ends were told`;
  const last = own.at(-1)?.type;
  return last === 'exchange.ended' ? undefined : `${last} came behind the end`;
}

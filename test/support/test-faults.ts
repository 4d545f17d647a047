/** Faults made up for tests of the rules: one on a connection, one that filters, one that remembers, one that breaks. */
import { z } from 'zod';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { type AnyFaultDefinition, defineFault, defineStatefulFault } from '../../src/core/faults/fault.ts';
import { faultPresets } from '../../src/core/faults/presets.ts';
import type { FaultLibrary } from '../../src/core/rules/compile-fault.ts';

const slowAccept = defineFault({
  kind: 'test-slow-accept',
  phase: 'connection',
  changes: 'timing',
  summary: 'Wait after accept for a drawn time.',
  params: z.strictObject({ ms: z.number() }),
  example: { ms: 100 },
  plan:
    ({ ms }) =>
    ({ draw }) => [{ do: 'delay', at: 'accept', ms: ms * draw() }],
});

const hush = defineFault({
  kind: 'test-hush',
  phase: 'exchange',
  changes: 'body',
  summary: 'Swallow a stream.',
  params: z.strictObject({}),
  example: {},
  plan: () => () => [
    { do: 'filter', open: () => ({ onEvent: () => [], onEnd: () => [], skipped: () => undefined }) },
  ],
});

const draws = defineFault({
  kind: 'test-draws',
  phase: 'exchange',
  changes: 'body',
  summary: 'Wait for a drawn time.',
  params: z.strictObject({ lane: z.int().optional() }),
  example: {},
  plan:
    ({ lane }) =>
    ({ draw }) => [{ do: 'delay', at: 'request', ms: draw(lane) }],
});

const broken = defineFault({
  kind: 'test-broken',
  phase: 'exchange',
  changes: 'body',
  summary: 'Fail to plan.',
  params: z.strictObject({}),
  example: {},
  plan: () => () => {
    throw new Error('out of ideas');
  },
});

/** Lets `budget` output tokens pass, as told by the answers, then answers 429 for good. */
const budget = defineStatefulFault({
  kind: 'test-budget',
  phase: 'exchange',
  changes: 'body',
  summary: 'Refuse calls once a budget is spent.',
  params: z.strictObject({ tokens: z.int() }),
  example: { tokens: 100 },
  readsBody: () => true,
  readsUsage: true,
  init: ({ tokens }) => ({ left: tokens, calls: 0 }),
  step: (state) => {
    state.calls++;
    return {
      ticket: state.calls,
      effects:
        state.left > 0
          ? [{ do: 'head', set: [['x-left', String(state.left)]] }]
          : [{ do: 'respond', status: 429, reason: 'Too Many Requests', headers: [], body: '' }],
    };
  },
  settle: (state, _ticket, outcome) => {
    state.left -= outcome.usage?.outputTokens ?? 0;
  },
  show: ({ left }) => ({ left }),
});

const own = [slowAccept, hush, draws, broken, budget] as unknown as readonly AnyFaultDefinition[];

export const testLibrary: FaultLibrary = {
  catalogue: new Map<string, AnyFaultDefinition>([
    ...(faultCatalogue as FaultLibrary['catalogue']),
    ...own.map((fault) => [fault.kind, fault] as const),
  ]),
  presets: faultPresets,
};

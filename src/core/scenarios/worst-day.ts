import { faultCatalogue } from '../faults/catalogue.ts';
import type { AnyFaultDefinition } from '../faults/fault.ts';
import type { FaultSpec, OutcomeSpec } from '../rules/spec.ts';
import { ANY_CALL } from './calls.ts';
import type { Scenario } from './scenario.ts';

/** Parameters for a day that must still end, and on which each fault is met; every other one happens as its own example has it. */
const INSTEAD: Readonly<Record<string, FaultSpec>> = {
  'body-huge': { kind: 'body-huge', size: '1MiB' },
  'http-error': 'overloaded',
  'rate-limit': { kind: 'rate-limit', requests_per_minute: 1 },
};

/** What happens more often than once in a while. */
const WEIGHTS: Readonly<Record<string, number>> = { 'http-error': 12, 'edge-error': 3 };

/** Each fault of a phase, so that a new one is part of the day from its first day on. */
function everyFault(phase: AnyFaultDefinition['phase']): readonly OutcomeSpec[] {
  return [...faultCatalogue.values()]
    .filter((definition) => definition.phase === phase)
    .map(({ kind, example }) => ({
      ...(WEIGHTS[kind] === undefined ? {} : { weight: WEIGHTS[kind] }),
      fault: INSTEAD[kind] ?? { kind, ...(example as Readonly<Record<string, unknown>>) },
    }));
}

export const worstDay: Scenario = {
  name: 'worst-day',
  summary: 'Every fault that there is, at once.',
  sources: [],
  chosen: 'All of it: it is a torture test, not a day that anybody reported.',
  goodClient: 'Neither hangs nor crashes nor leaks, and never takes a broken answer for a whole one.',
  phases: [
    {
      name: 'all-day',
      summary:
        'One connection in ten meets a fault of connections; two thirds of the calls meet one of the faults of calls.',
      rules: [
        { part: 'connections', trigger: { probability: 0.1 }, outcomes: [...everyFault('connection')] },
        { trigger: { probability: 0.67 }, when: ANY_CALL, outcomes: [...everyFault('exchange')] },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
  ],
};

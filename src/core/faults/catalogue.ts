/** The catalogue of faults, by kind. Rules, schema, help, docs and the conformance test are derived from it. */
import * as all from './all.ts';
import type { AnyFaultDefinition } from './fault.ts';

// The one place where parameter types are forgotten; `AnyFaultDefinition` says how they are kept safe.
const faults = Object.values(all) as unknown as readonly AnyFaultDefinition[];

/** Every fault, by kind, in alphabetical order. */
export const faultCatalogue: ReadonlyMap<string, AnyFaultDefinition> = new Map(
  faults
    .map((fault): [string, AnyFaultDefinition] => [fault.kind, fault])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

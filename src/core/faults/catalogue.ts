/** The catalogue of faults, by kind. Rules, schema, help, docs and the conformance test are derived from it. */
import type { z } from 'zod';
import type { Phase } from '../facts.ts';
import * as all from './all.ts';
import type { FaultDefinition } from './fault.ts';

/** A fault whose parameters are only known by its schema: give `plan` nothing but what `params` parsed. */
export type AnyFault = FaultDefinition<Phase, z.ZodType>;

// The one place where parameter types are forgotten; `AnyFault` says how they are kept safe.
const faults = Object.values(all) as unknown as readonly AnyFault[];

/** Every fault, by kind, in alphabetical order. */
export const faultCatalogue: ReadonlyMap<string, AnyFault> = new Map(
  faults.map((fault): [string, AnyFault] => [fault.kind, fault]).sort(([a], [b]) => (a < b ? -1 : 1)),
);

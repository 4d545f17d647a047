/** Which keys a place in a rule knows, so that a wrong one can be told what it was meant to be. */
import { matcherCatalogue } from '../matchers/catalogue.ts';
import { triggerCatalogue } from '../triggers/catalogue.ts';
import type { RulePath } from './rule-problem.ts';

const RULE = [
  'name',
  'description',
  'when',
  'trigger',
  'limit',
  'cooldown',
  'pass',
  'fault',
  'faults',
  'outcomes',
];
const WHEN = [...matcherCatalogue.map(({ key }) => key), 'any', 'all', 'not'];
const TRIGGER = [...triggerCatalogue.map(({ key }) => key), 'any', 'all'];
const LIMIT = ['times', 'concurrent', 'per'];
const OUTCOME = ['weight', 'fault', 'faults', 'pass'];
const NESTING = new Set<string | number>(['any', 'all', 'not']);

/** @param path of the mapping, from the list of rules: `[0, 'when', 'not']` */
export function keysAt(path: RulePath): readonly string[] {
  const [, part, ...below] = path;
  const nested = below.every((step) => typeof step === 'number' || NESTING.has(step));
  switch (part) {
    case undefined:
      return RULE;
    case 'when':
      return nested ? WHEN : [];
    case 'trigger':
      return nested ? TRIGGER : [];
    case 'limit':
      return LIMIT;
    case 'outcomes':
      return below.length === 1 ? OUTCOME : [];
    default:
      return [];
  }
}

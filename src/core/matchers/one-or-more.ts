/** Parameters that are one value or a list of which any will do. */
import { z } from 'zod';

/** Accepts `item` or a non-empty list of it. */
export function oneOrMore<S extends z.ZodType>(item: S): z.ZodUnion<[S, z.ZodArray<S>]> {
  return z.union([item, z.array(item).min(1, 'an empty list matches nothing: give at least one value')]);
}

/** The values as a list. */
export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items[items.length - 1]}`;
}

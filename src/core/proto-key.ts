/** A map with a key `__proto__` loses it wherever it is copied member by member: such a key is refused, not dropped. */

/** What is wrong with such a key, for a sentence that names the place. */
export const PROTO_KEY =
  '__proto__ is not a key, nor a name, that can be used: JavaScript takes it for something else';

/** Where in a value read from JSON or YAML the first such key stands; undefined without any. */
export function protoKeyIn(value: unknown): readonly (string | number)[] | undefined {
  return find(value, new Set());
}

/** @param above what holds the value: an alias of YAML may hold itself */
function find(value: unknown, above: Set<object>): readonly (string | number)[] | undefined {
  if (typeof value !== 'object' || value === null || above.has(value)) return undefined;
  above.add(value);
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return [key];
    const inner = find((value as Record<string, unknown>)[key], above);
    if (inner) return [Array.isArray(value) ? Number(key) : key, ...inner];
  }
  above.delete(value);
  return undefined;
}

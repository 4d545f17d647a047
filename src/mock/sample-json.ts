/** Makes up the plainest value that a JSON Schema allows: the input of a forced tool, or a structured answer. */
import { isObject, type Json } from './json-body.ts';

const MAX_DEPTH = 12;
const MAX_ITEMS = 100;
const MAX_LENGTH = 10_000;

/** Strings of the common formats. */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/**
 * A value for a schema. Objects get their required properties, all of them if the schema names none as required.
 * `pattern`, `not` and conditions are not looked at.
 */
export function sampleJson(schema: Json): unknown {
  return sample(schema, schema, 0);
}

function sample(schema: unknown, root: Json, depth: number): unknown {
  if (!isObject(schema)) return 'stand-in';
  if (depth > MAX_DEPTH) return null;
  if (schema.const !== undefined) return schema.const;
  for (const known of [schema.examples, schema.enum]) {
    if (Array.isArray(known) && known.length > 0) return known[0];
  }
  if (schema.default !== undefined) return schema.default;
  if (typeof schema.$ref === 'string') return sample(resolve(schema.$ref, root), root, depth + 1);
  const choice = firstChoice(schema.anyOf) ?? firstChoice(schema.oneOf);
  if (choice) return sample(choice, root, depth + 1);
  if (Array.isArray(schema.allOf)) {
    return sample(merge([{ ...schema, allOf: undefined }, ...schema.allOf]), root, depth + 1);
  }
  return sampleByType(schema, root, depth);
}

function sampleByType(schema: Json, root: Json, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type.find((name) => name !== 'null') : schema.type;
  switch (type ?? (schema.properties ? 'object' : schema.items ? 'array' : 'string')) {
    case 'object':
      return sampleObject(schema, root, depth);
    case 'array': {
      const count = Math.min(numberOr(schema.minItems, 1), MAX_ITEMS);
      return Array.from({ length: count }, () => sample(schema.items ?? {}, root, depth + 1));
    }
    case 'integer':
      return Math.ceil(sampleNumber(schema));
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleString(schema);
  }
}

function sampleObject(schema: Json, root: Json, depth: number): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : Object.keys(properties);
  return Object.fromEntries(required.map((name) => [name, sample(properties[name], root, depth + 1)]));
}

function sampleNumber(schema: Json): number {
  const above = typeof schema.exclusiveMinimum === 'number' ? schema.exclusiveMinimum + 1 : 1;
  const least = numberOr(schema.minimum, above);
  const step = numberOr(schema.multipleOf, 0);
  const value = step > 0 ? Math.ceil(least / step) * step : least;
  return Math.min(value, numberOr(schema.maximum, value));
}

function sampleString(schema: Json): string {
  const known = FORMATS[String(schema.format)];
  if (known) return known;
  const text = 'stand-in'.padEnd(Math.min(numberOr(schema.minLength, 0), MAX_LENGTH), '-');
  return text.slice(0, numberOr(schema.maxLength, text.length));
}

/** Follows `#/$defs/Name` and the like. */
function resolve(reference: string, root: Json): unknown {
  let value: unknown = root;
  for (const part of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    value = isObject(value) ? value[name] : undefined;
  }
  return value;
}

function firstChoice(choices: unknown): unknown {
  if (!Array.isArray(choices)) return undefined;
  return choices.find((choice) => isObject(choice) && choice.type !== 'null') ?? choices[0];
}

function merge(schemas: readonly unknown[]): Json {
  const merged: Record<string, unknown> = {};
  for (const schema of schemas) {
    if (!isObject(schema)) continue;
    const properties = { ...(merged.properties as Json), ...(schema.properties as Json) };
    const required = [...((merged.required as string[]) ?? []), ...((schema.required as string[]) ?? [])];
    Object.assign(merged, schema, { properties });
    if (required.length > 0) merged.required = required;
  }
  return merged;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

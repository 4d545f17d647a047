/** Parameters of faults, matchers and triggers as tables, from their schemas. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { cell, table } from './markdown.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A table with one row per parameter; a sentence where there is none. */
export function parameterTable(params: z.ZodType): string {
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const rows = Object.entries(propertiesOf(schema)).map(([name, one]) => [
    `\`${name}\`${isRequired(schema, name) ? ' (required)' : ''}`,
    cell(typeText(one)),
    one.default === undefined ? '' : cell(`\`${JSON.stringify(one.default)}\``),
    cell(one.description ?? ''),
  ]);
  return rows.length === 0 ? 'No parameters.' : table(['parameter', 'value', 'default', 'meaning'], rows);
}

/** A fenced block of YAML. */
export function yaml(value: unknown): string {
  return `\`\`\`yaml\n${stringify(value, { flowCollectionPadding: true, lineWidth: 0 }).trimEnd()}\n\`\`\``;
}

/** A value in one line of YAML, as code. */
export function inline(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
  return `\`${text}\``;
}

/** Alternatives of a schema that is a union hold its parameters too. */
function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  const own = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const of = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])] as JsonSchema[];
  return Object.assign({}, ...of.map(propertiesOf), own) as Record<string, JsonSchema>;
}

function isRequired(schema: JsonSchema, name: string): boolean {
  const of = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])] as JsonSchema[];
  return (
    (schema.required ?? []).includes(name) || (of.length > 0 && of.every((one) => isRequired(one, name)))
  );
}

/** What a value may be, in a few words. */
export function typeText(schema: JsonSchema): string {
  const of = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (of) return [...new Set(of.map(typeText))].join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) {
    if (schema.enum.length > 24) return 'a name';
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  }
  if (schema.type === 'array') return `list of ${typeText((schema.items ?? {}) as JsonSchema)}`;
  if (schema.type === 'object') {
    const names = Object.keys(schema.properties ?? {});
    return names.length === 0 ? 'map' : `\`{ ${names.join(', ')} }\``;
  }
  if (schema.type === 'integer' || schema.type === 'number') return numberText(schema);
  if (Array.isArray(schema.type)) return (schema.type as string[]).join(' or ');
  if (schema.type === 'string') return 'text';
  if (schema.type === 'boolean') return '`true`, `false`';
  return schema.type ?? 'any value';
}

function numberText({ type, minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const what = type === 'integer' ? 'whole number' : 'number';
  const known = (bound: unknown): bound is number =>
    typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (known(minimum) && known(maximum)) return `${what} ${minimum} to ${maximum}`;
  if (known(minimum)) return `${what} from ${minimum}`;
  if (known(exclusiveMinimum)) return `${what} above ${exclusiveMinimum}`;
  return known(maximum) ? `${what} up to ${maximum}` : what;
}

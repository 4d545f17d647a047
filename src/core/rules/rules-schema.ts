/** The JSON Schema of rules, with every fault of the catalogue written out: what editors check a file by. */
import { z } from 'zod';
import { faultAliases } from '../faults/aliases.ts';
import { faultCatalogue } from '../faults/catalogue.ts';
import { faultPresets } from '../faults/presets.ts';
import type { FaultLibrary } from './compile-fault.ts';
import { rulesFileSchema } from './spec.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Schema (draft 2020-12) of `{ rules: [...] }`; `$defs.rule` and `$defs.fault` can stand alone. */
export function rulesJsonSchema(
  library: FaultLibrary = { catalogue: faultCatalogue, presets: faultPresets },
): JsonSchema {
  const schema = z.toJSONSchema(rulesFileSchema, { io: 'input' }) as JsonSchema;
  const definitions = schema.$defs as Record<string, JsonSchema>;
  definitions.fault = faultJsonSchema(library);
  return schema;
}

function faultJsonSchema({ catalogue, presets }: FaultLibrary): JsonSchema {
  return {
    description: 'The name of a preset, or a kind with its parameters.',
    anyOf: [
      { type: 'string', enum: [...presets.keys(), ...withoutParams(catalogue), ...bareAliases()] },
      ...[...catalogue.values()].map(({ kind, params, summary }) => ofKind(kind, params, summary)),
      ...faultAliases.map(({ name, params, from }) => ofKind(name, params, `As ${from} has it.`)),
    ],
  };
}

function ofKind(kind: string, params: z.ZodType, description: string): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(params, { io: 'input' }) as JsonSchema;
  return {
    ...rest,
    description,
    properties: { kind: { const: kind }, ...rest.properties },
    required: ['kind', ...(rest.required ?? [])],
  };
}

/** Aliases that are a name and nothing else; those named like a kind of ours are listed with it. */
function bareAliases(): readonly string[] {
  return faultAliases.filter(({ params }) => params.safeParse({}).success).map(({ name }) => name);
}

function withoutParams(catalogue: FaultLibrary['catalogue']): readonly string[] {
  return [...catalogue.values()].filter(({ params }) => params.safeParse({}).success).map(({ kind }) => kind);
}

/** The JSON Schema of rules, with every fault of the catalogue written out: what editors check a file by. */
import { z } from 'zod';
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
      { type: 'string', enum: [...presets.keys(), ...withoutParams(catalogue)] },
      ...[...catalogue.values()].map((definition): JsonSchema => {
        const params = z.toJSONSchema(definition.params, { io: 'input' }) as JsonSchema;
        const { $schema, ...rest } = params;
        return {
          ...rest,
          description: definition.summary,
          properties: { kind: { const: definition.kind }, ...rest.properties },
          required: ['kind', ...(rest.required ?? [])],
        };
      }),
    ],
  };
}

function withoutParams(catalogue: FaultLibrary['catalogue']): readonly string[] {
  return [...catalogue.values()].filter(({ params }) => params.safeParse({}).success).map(({ kind }) => kind);
}

/** The JSON Schema of a whole config file: what editors check and complete it by (`anthropic-error-plugin schema`). */
import { z } from 'zod';
import { rulesJsonSchema } from '../core/rules/rules-schema.ts';
import { FLAG_OF_KEY } from './flags.ts';
import { type ConfigKey, configSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Draft 2020-12; every flat key with the help text of its flag, and every fault written out. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema;
  const properties = schema.properties as Record<string, JsonSchema>;
  for (const [key, value] of Object.entries(properties)) {
    const flag = FLAG_OF_KEY.get(key as ConfigKey);
    if (flag === undefined) continue;
    // A switch named `--no-…` says what false does.
    value.description = flag.default === true ? `false: ${flag.help}` : flag.help;
    if (flag.default !== undefined) value.default = flag.default as JsonSchema['default'];
  }
  properties.rules!.description =
    'Which calls fail, when and how; the first rule that matches and fires wins.';
  return {
    ...schema,
    title: 'Config file of anthropic-error-plugin',
    $defs: { ...schema.$defs, ...rulesJsonSchema().$defs },
  };
}

/** `schema`: prints the JSON Schema of a config file, for editors. */
import { configJsonSchema } from '../../config/json-schema.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** @returns the exit code */
export function schema(io: Io): number {
  io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return EXIT.ok;
}

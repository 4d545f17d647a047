/** Which keys a place in a file knows, read off its schema, so that a wrong key can be told what it was meant to be. */
import { z } from 'zod';
import type { RulePath } from './rule-path.ts';

/** The keys of the mapping at `path` below `schema`, in all forms that it may have; none where any key is allowed. */
export function allowedKeys(schema: z.core.$ZodType, path: RulePath): readonly string[] {
  let places: readonly z.core.$ZodType[] = forms(schema);
  for (const step of path) places = places.flatMap((place) => below(place, step)).flatMap(forms);
  return [
    ...new Set(places.flatMap((place) => (place instanceof z.ZodObject ? Object.keys(place.shape) : []))),
  ];
}

/** What a schema comes down to once options, defaults and unions are opened. */
function forms(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(forms);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return forms(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? forms(schema.in) : [schema];
}

function below(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, z.core.$ZodType | undefined>>;
    return shape[step] ? [shape[step]] : [];
  }
  if (schema instanceof z.ZodArray) return [schema.element];
  return schema instanceof z.ZodRecord ? [schema.valueType] : [];
}

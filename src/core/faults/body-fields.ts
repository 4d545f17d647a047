/** A JSON answer that lacks what a client counts on. */
import { z } from 'zod';
import type { JsonObject } from '../anthropic/stream.ts';
import type { RewriteEffect } from '../effect.ts';
import { defineFault } from './fault.ts';
import { parseObject } from './rewrite-message.ts';

const path = z
  .string()
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, { error: 'a field looks like usage.output_tokens or content.0.text' });

export const bodyFields = defineFault({
  kind: 'body-fields',
  phase: 'exchange',
  changes: 'body',
  summary: 'Leave fields of a JSON answer out, or set them to null.',
  details:
    'Fields are named with dots, list entries by number: `usage.output_tokens`, `content.0.text`. What the answer does ' +
    'not have is passed over; when it has none of them, the fault is skipped.',
  params: z
    .strictObject({
      missing: z.array(path).default([]).describe('Fields to leave out.'),
      null: z.array(path).default([]).describe('Fields to set to null.'),
    })
    .refine((params) => params.missing.length + params.null.length > 0, {
      error: 'name at least one field under missing or null',
    }),
  example: { missing: ['usage'], null: ['content'] },
  plan: (params) => {
    const rewrite: RewriteEffect = {
      do: 'rewrite',
      rewrite: (body) => {
        const root = parseObject(body);
        if (root === undefined) return { body, skipped: 'the body is no JSON object' };
        const changed = [
          ...params.null.filter((field) => edit(root, field, setNull)).map((field) => `${field} null`),
          ...params.missing.filter((field) => edit(root, field, remove)).map((field) => `${field} missing`),
        ];
        if (changed.length === 0) return { body, skipped: 'the answer has none of the fields' };
        return { body: Buffer.from(JSON.stringify(root)), note: changed.join(', ') };
      },
    };
    const effects = [rewrite];
    return () => effects;
  },
});

/** Walks to a field's owner; false when the field is not there. Lists are objects with numbers for keys here. */
function edit(root: JsonObject, field: string, change: (owner: JsonObject, key: string) => void): boolean {
  const keys = field.split('.');
  const last = keys.pop()!;
  let owner: unknown = root;
  for (const key of keys) owner = has(owner, key) ? owner[key] : undefined;
  if (!has(owner, last)) return false;
  change(owner, last);
  return true;
}

function has(owner: unknown, key: string): owner is JsonObject {
  return typeof owner === 'object' && owner !== null && Object.hasOwn(owner, key);
}

function setNull(owner: JsonObject, key: string): void {
  owner[key] = null;
}

function remove(owner: JsonObject, key: string): void {
  if (Array.isArray(owner)) owner.splice(Number(key), 1);
  else delete owner[key];
}

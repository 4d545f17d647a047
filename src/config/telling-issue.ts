/** Of what the schema complains about, the part that helps. */
import type { z } from 'zod';

/** A flaw in a value: where in it, and the words for it (see `sentence.ts`). */
export interface Flaw {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Keys that the schema does not know, of the map at `path`. */
  readonly unknownKeys: readonly string[];
}

/**
 * Looks into unions: where only one branch takes a value of this form at all (a list, a text, a map with that `kind`),
 * the flaw is what that branch says, not "Invalid input".
 */
export function tellingFlaw(issue: z.core.$ZodIssue, base: readonly PropertyKey[] = []): Flaw {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') {
    const near = issue.errors.filter((branch) => branch.length > 0 && !refusesForm(branch[0]!));
    if (near.length === 1) return tellingFlaw(near[0]![0]!, path);
  }
  return { path, message: issue.message, unknownKeys: issue.code === 'unrecognized_keys' ? issue.keys : [] };
}

/** True when a branch was not even of the value's type. */
function refusesForm(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** What stands at a path in a value; the innermost part that exists. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !(key in inner)) return inner;
    inner = (inner as Record<PropertyKey, unknown>)[key];
  }
  return inner;
}

/** The `headers` parameter: headers that the user puts on an injected answer. What HTTP forbids is refused here. */
import { z } from 'zod';
import type { Header } from '../facts.ts';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The engine frames the answer, so these are its own. */
const FRAMING: readonly string[] = ['content-length', 'transfer-encoding'];

const single = z.union([z.string(), z.number(), z.boolean()]);

/** One header of the user's: its values in order; none takes our header of that name away. */
export interface OwnHeader {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * A map of header names to a value, a list of values (the header is repeated) or null (ours of that name is left out).
 * Output: the headers in the order of the file.
 */
export const headersParam = z
  .record(
    z.string(),
    z.union([single, z.array(single), z.null()], {
      error: 'a header is a text, a list of texts (it is repeated), or null (ours of that name is left out)',
    }),
    { error: 'headers are a map, such as { x-region: eu, set-cookie: [a=1, b=2] }' },
  )
  .check((context) => {
    const seen = new Set<string>();
    for (const { name, values } of ownHeaders(context.value)) {
      const refused = refusal(name, values, seen);
      if (refused) context.issues.push({ code: 'custom', input: values, path: [name], message: refused });
      seen.add(name.toLowerCase());
    }
  })
  .transform(ownHeaders)
  .describe('Headers of the answer; they win over ours. A list repeats a header, null leaves ours out.');

function ownHeaders(
  map: Record<string, z.output<typeof single> | z.output<typeof single>[] | null>,
): OwnHeader[] {
  return Object.entries(map).map(([name, value]) => ({
    name,
    values: value === null ? [] : (Array.isArray(value) ? value : [value]).map(String),
  }));
}

function refusal(name: string, values: readonly string[], seen: ReadonlySet<string>): string | undefined {
  const lower = name.toLowerCase();
  if (!NAME.test(name))
    return `${JSON.stringify(name)} is not a header name: use letters, digits and hyphens`;
  if (seen.has(lower)) return `header ${name} is named twice: give its values as one list`;
  if (FRAMING.includes(lower))
    return `header ${name} cannot be set: the length of the answer is told by the proxy`;
  if (!values.every((value) => VALUE.test(value))) {
    return `the value of header ${name} holds a line break or another character that HTTP does not allow`;
  }
  if (lower === 'connection' && values.some((value) => /(^|,)\s*upgrade\s*(,|$)/i.test(value))) {
    return 'header connection: upgrade cannot be set on an answer that is no upgrade';
  }
  return undefined;
}

/** Our headers with the user's put in their place: theirs come last, ours of the same name go. */
export function withOwnHeaders(ours: readonly Header[], own: readonly OwnHeader[]): readonly Header[] {
  if (own.length === 0) return ours;
  const replaced = new Set(own.map(({ name }) => name.toLowerCase()));
  return [
    ...ours.filter(([name]) => !replaced.has(name.toLowerCase())),
    ...own.flatMap(({ name, values }) => values.map((value): Header => [name, value])),
  ];
}

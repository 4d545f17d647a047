/** A request that a user described in a file, as the facts that rules read: what `explain` decides on, without a socket. */
import { z } from 'zod';
import { type BodyFacts, readBody } from '../core/anthropic/request.ts';
import type { Header, RequestFacts } from '../core/facts.ts';
import { Problem } from '../core/problem.ts';
import { fingerprint } from '../engine/request/request-view.ts';

const headerValue = z.union([z.string(), z.number(), z.array(z.string()).min(1)]);

/** How a request is described; every key may be left out. */
export const describedRequestSchema = z
  .strictObject({
    method: z.string().regex(/^[A-Z]+$/, 'a method is in capitals, such as POST'),
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    path: z.string().startsWith('/', 'a path begins with /, such as /v1/messages; it may end with ?query'),
    headers: z.record(z.string(), headerValue),
    body: z.unknown(),
    sni: z.string(),
    via: z.enum(['absolute', 'connect', 'origin', 'plugin']),
    reused: z.boolean(),
    attempt: z.int().min(0),
    conversation: z.string(),
  })
  .partial();

/**
 * The facts of a described request, as they would be if it came over the wire.
 *
 * @param host the host where the description names none
 * @throws Problem `bad-config` with one sentence per flaw
 * @example
 * describeRequest({ body: { model: 'claude-opus-4-5', stream: true } }, 'api.anthropic.com')
 */
export function describeRequest(description: unknown, host: string): RequestFacts {
  const result = describedRequestSchema.safeParse(description);
  if (!result.success)
    throw new Problem('bad-config', result.error.issues.map((issue) => flawOf(issue)).join('\n'));
  const request = result.data;
  const list: readonly Header[] = Object.entries(request.headers ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one): Header => [name, String(one)]),
  );
  const header = (name: string): string | undefined => {
    const values = list.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const [path = '/', query = ''] = splitOnce(request.path ?? '/v1/messages', '?');
  const body = bodyOf(request.body);
  const name = request.host ?? host;
  const retries = Number(header('x-stainless-retry-count') ?? 0);
  return {
    host: name.toLowerCase(),
    port: request.port ?? 443,
    sni: request.sni ?? name.toLowerCase(),
    via: request.via ?? 'connect',
    peer: '127.0.0.1',
    method: request.method ?? 'POST',
    path,
    query,
    reused: request.reused ?? false,
    header,
    headers: () => list,
    body,
    client: fingerprint(header('x-api-key') ?? header('authorization')),
    attempt: request.attempt ?? (Number.isInteger(retries) && retries > 0 ? retries : 0),
    conversation:
      request.conversation ??
      header('x-claude-code-session-id') ??
      (body.opening === undefined ? undefined : fingerprint(body.opening)),
  };
}

/** A text is the body as it stands; anything else is sent as JSON. */
function bodyOf(body: unknown): BodyFacts {
  if (body === undefined || body === null) return readBody(null, 'none');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readBody(new TextEncoder().encode(text), 'held');
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function flawOf(issue: z.core.$ZodIssue): string {
  const known = Object.keys(describedRequestSchema.shape).join(', ');
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => JSON.stringify(key)).join(', ')} is no part of a request; there are ${known}`;
  const place = issue.path.length === 0 ? 'the request' : issue.path.join('.');
  if (issue.code === 'invalid_type' && issue.path.length === 0)
    return `the request must be a JSON object with some of ${known}`;
  return `${place}: ${issue.message}`;
}

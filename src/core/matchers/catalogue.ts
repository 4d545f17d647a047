/** Every condition that `when` knows: one line each, in the order of the docs. */
import { attempt } from './attempt.ts';
import { body } from './body.ts';
import { client } from './client.ts';
import { connection } from './connection.ts';
import { header } from './header.ts';
import { host } from './host.ts';
import type { MatcherDefinition } from './matcher.ts';
import { method } from './method.ts';
import { model } from './model.ts';
import { path } from './path.ts';
import { query } from './query.ts';
import { sni } from './sni.ts';
import { stream } from './stream.ts';
import { via } from './via.ts';

export const matchers = {
  method,
  path,
  host,
  header,
  query,
  model,
  stream,
  body,
  client,
  attempt,
  sni,
  connection,
  via,
} as const;

export type MatcherKey = keyof typeof matchers;

/** The same as a list, without their exact types. */
export const matcherCatalogue: readonly MatcherDefinition[] = Object.values(
  matchers,
) as unknown as readonly MatcherDefinition[];

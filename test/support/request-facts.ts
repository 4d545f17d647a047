/** Facts of made-up calls, for tests of rules, matchers and faults. */
import { readBody } from '../../src/core/anthropic/request.ts';
import type { Header, RequestFacts } from '../../src/core/facts.ts';

export interface CallSpec extends Partial<Omit<RequestFacts, 'header' | 'headers' | 'body'>> {
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON of the body; none without it. */
  readonly json?: unknown;
  readonly bodyState?: RequestFacts['body']['state'];
}

/** An ordinary call of a fresh client, but for what `spec` says. */
export function requestFacts(spec: CallSpec = {}): RequestFacts {
  const { headers = {}, json, bodyState, ...rest } = spec;
  const list: readonly Header[] = Object.entries(headers);
  const bytes = json === undefined ? null : new TextEncoder().encode(JSON.stringify(json));
  return {
    host: 'api.anthropic.com',
    port: 443,
    sni: 'api.anthropic.com',
    via: 'connect',
    peer: '127.0.0.1',
    method: 'POST',
    path: '/v1/messages',
    query: '',
    reused: false,
    header: (name) => headers[name],
    headers: () => list,
    body: readBody(bytes, bodyState ?? (bytes === null ? 'none' : 'held')),
    client: '0123456789ab',
    attempt: 0,
    conversation: undefined,
    ...rest,
  };
}

/** A moment `ms` milliseconds after time zero. */
export const atMs = (ms: number): { now: number; wall: number } => ({
  now: ms,
  wall: 1_780_000_000_000 + ms,
});

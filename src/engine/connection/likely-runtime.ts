/**
 * What a client most likely runs on, by the manner of its CONNECT: a tunnel shows nothing else in clear. Used in words
 * for people alone (`rejected-ca.ts`). Observed: curl 7.88, Node 20 to 26 (undici), Claude Code 2.1.330 (Bun),
 * Python 3.11 (http.client) with httpx, Go 1.26.
 */
import type { RequestHead } from '../../core/http1/head.ts';
import { memoLast } from '../../core/memo-last.ts';

export type LikelyRuntime = 'curl' | 'Go' | 'Java' | 'Node' | 'Claude Code' | 'Python';

const AGENTS: readonly (readonly [RegExp, LikelyRuntime])[] = [
  [/^curl\//i, 'curl'],
  [/^Go-http-client\//, 'Go'],
  [/^Java/, 'Java'],
  [/^(python|httpx)/i, 'Python'],
];

/** Undefined for a manner that is not known. */
export function likelyRuntime({ headers }: RequestHead): LikelyRuntime | undefined {
  return runtimeOf(headers);
}

/** One client opens one tunnel after the other, with heads that share their fields. */
const runtimeOf = memoLast((headers: RequestHead['headers']): LikelyRuntime | undefined => {
  const agent = headers.get('user-agent');
  if (agent !== undefined) return AGENTS.find(([pattern]) => pattern.test(agent))?.[1];
  const fields = headers.list().map(([name, value]) => `${name}: ${value}`);
  // `host` in lower case is undici's hand.
  if (fields[0]?.startsWith('host: ') && fields[1] === 'connection: close') return 'Node';
  if (fields.includes('Proxy-Connection: close')) return 'Claude Code';
  // httpx, and http.client. A Host alone could be anybody's.
  return fields.includes('Accept: */*') || fields.length === 0 ? 'Python' : undefined;
});
